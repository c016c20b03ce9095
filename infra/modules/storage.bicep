// One storage account: the journal's table, the container of the deployed package, and what the host itself keeps.
@description('Required. Name of the account: 3 to 24 lower-case letters and digits.')
@minLength(3)
@maxLength(24)
param name string

@description('Required. Azure region.')
param location string

@description('Required. Tags of every resource.')
param tags object

@description('Required. Redundancy.')
param sku string

@description('Required. Disabled only where private endpoints lead here.')
@allowed(['Enabled', 'Disabled'])
param publicNetworkAccess string

@description('Required. Object id of the app\'s identity.')
param appPrincipalId string

@description('Optional. Object id of those who operate the service by hand.')
param operatorPrincipalId string = ''

@description('Optional. What operatorPrincipalId is.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param operatorPrincipalType string = 'User'

var roles = loadJsonContent('roles.json')
var blobOwner = roles['Storage Blob Data Owner']
var tableContributor = roles['Storage Table Data Contributor']

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    allowSharedKeyAccess: false // no keys: whoever comes has an identity and a role
    defaultToOAuthAuthentication: true
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicNetworkAccess
    networkAcls: { bypass: 'AzureServices', defaultAction: publicNetworkAccess == 'Disabled' ? 'Deny' : 'Allow' }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: account
  name: 'default'
}

resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobs
  name: 'app-package'
  properties: { publicAccess: 'None' }
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices@2025-01-01' = {
  parent: account
  name: 'default'
}

resource journal 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-01-01' = {
  parent: tables
  name: 'journal'
}

// The Functions host keeps locks and keys of its own in containers that it makes, and reads the package: hence the account.
resource hostOwnsBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, appPrincipalId, blobOwner)
  scope: account
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobOwner)
  }
}

// The journal, and beside it the shared record of the quota, in this one table.
resource appWritesJournal 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(journal.id, appPrincipalId, tableContributor)
  scope: journal
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableContributor)
  }
}

// Those who operate it by hand: what became of an event is read there, and replays, discards and undoings are written down
// before they are done.
resource operatorWritesJournal 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorPrincipalId)) {
  name: guid(journal.id, operatorPrincipalId, tableContributor)
  scope: journal
  properties: {
    principalId: operatorPrincipalId
    principalType: operatorPrincipalType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableContributor)
  }
}

@description('Resource id of the account.')
output id string = account.id

@description('Name of the account.')
output name string = account.name

@description('Where the deployed package lies.')
output packageContainerUrl string = '${account.properties.primaryEndpoints.blob}${packages.name}'

@description('JOURNAL_URL.')
output journalUrl string = '${account.properties.primaryEndpoints.table}${journal.name}'
