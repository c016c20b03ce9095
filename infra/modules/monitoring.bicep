// Where logs, metrics and spans go: one workspace, and Application Insights over it.
@description('Required. Name of the Log Analytics workspace.')
param workspaceName string

@description('Required. Name of the Application Insights component.')
param componentName string

@description('Required. Azure region.')
param location string

@description('Required. Tags of every resource.')
param tags object

@description('Required. Days that everything is kept.')
param retentionDays int

@description('Required. The most gigabytes taken in a day.')
param dailyQuotaGb int

@description('Required. Object id of the identity that sends telemetry.')
param publisherPrincipalId string

var roles = loadJsonContent('roles.json')
var publisher = roles['Monitoring Metrics Publisher']

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    workspaceCapping: { dailyQuotaGb: dailyQuotaGb }
    features: { disableLocalAuth: true } // no workspace keys
  }
}

resource component 'Microsoft.Insights/components@2020-02-02' = {
  name: componentName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true // the connection string alone sends nothing: the sender needs the role below
  }
}

// The app sends its own logs, metrics and spans.
resource appPublishesTelemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(component.id, publisherPrincipalId, publisher)
  scope: component
  properties: {
    principalId: publisherPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', publisher)
  }
}

@description('Resource id of the workspace, which alerts and the workbook query.')
output workspaceId string = workspace.id

@description('Where telemetry is sent to; no secret, as local authentication is off.')
output connectionString string = component.properties.ConnectionString
