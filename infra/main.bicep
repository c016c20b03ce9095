// The whole service in one resource group. This file only wires: each module says what it makes, and why so.
targetScope = 'subscription'

@description('Optional. Name of this installation, part of the resource group\'s name; azd gives the name of its environment.')
@minLength(1)
@maxLength(40)
param environmentName string = 'offboarding'

@description('Optional. Azure region of everything; one that has Flex Consumption.')
param location string = deployment().location

@description('Optional. App settings by name, beyond and instead of the defaults in modules/settings.bicep. Without one the service runs dry.')
@secure() // PROTECTED_USERS names people: the deployment history would keep it readable
param settings object = {}

@description('Optional. Python of the function app. 3.13 is what the service is tested with.')
param pythonVersion string = '3.13'

@description('Optional. Standard has all that the service uses; Premium is taken where networking is private.')
@allowed(['Standard', 'Premium'])
param serviceBusSku string = 'Standard'

@description('Optional. Redundancy of the storage account, which holds the journal. Standard_LRS where a region has no zones.')
@allowed(['Standard_ZRS', 'Standard_LRS', 'Standard_GRS', 'Standard_GZRS'])
param storageSku string = 'Standard_ZRS'

@description('Optional. Reach Service Bus and storage through private endpoints only. Makes Service Bus Premium, which costs far more.')
param privateNetworking bool = false

@description('Optional. Addresses of the private network, of which it needs 128. Choose others if your network has these already.')
param networkAddressPrefix string = '10.0.0.0/24'

@description('Optional. Make an identity for those who send events: Sender on the two inbound queues, nothing else.')
param producerIdentity bool = false

@description('Optional. Object id of the user, group or app that operates the service by hand: test events, outcomes, dead letters, the journal. Empty: nobody.')
param operatorPrincipalId string = ''

@description('Optional. What operatorPrincipalId is.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param operatorPrincipalType string = 'User'

@description('Optional. Grant the Graph permission in this deployment; needs a deployer who may grant it. Else graph/grant.sh does.')
param grantGraphPermission bool = false

@description('Optional. Who is told of alerts by mail. Empty: nobody, unless actionGroupId names a group.')
param alertEmail string = ''

@description('Optional. Resource id of an action group of yours, for alerts. Empty: none.')
param actionGroupId string = ''

@description('Optional. Days that logs and metrics are kept. 90 is what Application Insights tables cost nothing extra for.')
@minValue(30)
@maxValue(730)
param retentionDays int = 90

@description('Optional. The most gigabytes of telemetry taken in a day, so that a fault cannot run up a bill.')
@minValue(1)
param dailyQuotaGb int = 1

@description('Optional. The most instances. 40 is the least that the plan takes; modules/function-app.bicep has the arithmetic.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }
var effectiveSku = privateNetworking ? 'Premium' : serviceBusSku

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  scope: group
  params: { name: 'id-offboarding-${token}', location: location, tags: tags }
}

module producer 'modules/identity.bicep' = if (producerIdentity) {
  name: 'producer'
  scope: group
  params: { name: 'id-producer-${token}', location: location, tags: tags }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    workspaceName: 'log-${token}'
    componentName: 'appi-${token}'
    location: location
    tags: tags
    retentionDays: retentionDays
    dailyQuotaGb: dailyQuotaGb
    publisherPrincipalId: identity.outputs.principalId
  }
}

module serviceBus 'modules/service-bus.bicep' = {
  name: 'service-bus'
  scope: group
  params: {
    name: 'sb-${token}'
    location: location
    tags: tags
    sku: effectiveSku
    publicNetworkAccess: privateNetworking ? 'Disabled' : 'Enabled'
    appPrincipalId: identity.outputs.principalId
    producerPrincipalId: producerIdentity ? producer!.outputs.principalId : ''
    operatorPrincipalId: operatorPrincipalId
    operatorPrincipalType: operatorPrincipalType
    workspaceId: monitoring.outputs.workspaceId
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    name: 'st${token}'
    location: location
    tags: tags
    sku: storageSku
    publicNetworkAccess: privateNetworking ? 'Disabled' : 'Enabled'
    appPrincipalId: identity.outputs.principalId
    operatorPrincipalId: operatorPrincipalId
    operatorPrincipalType: operatorPrincipalType
  }
}

module network 'modules/network.bicep' = if (privateNetworking) {
  name: 'network'
  scope: group
  params: {
    name: 'vnet-${token}'
    location: location
    tags: tags
    addressPrefix: networkAddressPrefix
    namespaceId: serviceBus.outputs.id
    storageId: storage.outputs.id
  }
}

module functionApp 'modules/function-app.bicep' = {
  name: 'function-app'
  scope: group
  params: {
    name: 'func-offboarding-${token}'
    planName: 'plan-${token}'
    location: location
    tags: tags
    pythonVersion: pythonVersion
    maximumInstanceCount: maximumInstanceCount
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    serviceBusHost: serviceBus.outputs.host
    storageName: storage.outputs.name
    packageContainerUrl: storage.outputs.packageContainerUrl
    journalUrl: storage.outputs.journalUrl
    applicationInsightsConnectionString: monitoring.outputs.connectionString
    subnetId: privateNetworking ? network!.outputs.appSubnetId : ''
    chosenSettings: settings
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    location: location
    tags: tags
    namespaceId: serviceBus.outputs.id
    workspaceId: monitoring.outputs.workspaceId
    alertEmail: alertEmail
    actionGroupId: actionGroupId
  }
}

module workbook 'modules/workbook.bicep' = {
  name: 'workbook'
  scope: group
  params: { location: location, tags: tags, workspaceId: monitoring.outputs.workspaceId }
}

module graphPermission 'graph/permission.bicep' = if (grantGraphPermission) {
  name: 'graph-permission'
  scope: group
  params: { principalId: identity.outputs.principalId }
}

@description('The resource group that holds everything.')
output AZURE_RESOURCE_GROUP string = group.name

@description('The function app.')
output AZURE_FUNCTION_APP string = functionApp.outputs.name

@description('Object id of the app\'s identity, for graph/grant.sh.')
output APP_PRINCIPAL_ID string = identity.outputs.principalId

@description('Client id of the identity for those who send events, or nothing.')
output PRODUCER_CLIENT_ID string = producerIdentity ? producer!.outputs.clientId : ''

// What the operator's command needs, under the names of its settings: `azd env get-values` brings them into a shell.
@description('The namespace that events are sent to.')
output ServiceBusConnection__fullyQualifiedNamespace string = serviceBus.outputs.host

@description('Where decisions are recorded.')
output JOURNAL_URL string = storage.outputs.journalUrl

@description('The queue of `user.offboarded`.')
output USER_OFFBOARDING_QUEUE string = 'user-offboarding'

@description('The queue of `device.retired`.')
output DEVICE_RETIREMENT_QUEUE string = 'device-retirement'

@description('The queue of the service\'s own verifications.')
output VERIFICATION_QUEUE string = 'unassignment-verification'

@description('The topic of outcome events.')
output OUTCOMES_TOPIC string = 'unassignment-outcomes'
