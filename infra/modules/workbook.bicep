// The workbook: who was handled, what became of the devices, how Graph bore it.
@description('Required. Azure region.')
param location string

@description('Required. Tags of every resource.')
param tags object

@description('Required. Resource id of the workspace that it queries.')
param workspaceId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'autopilot-offboarding') // must be a GUID, and the same at the next deployment
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Autopilot offboarding'
    category: 'workbook'
    sourceId: workspaceId
    serializedData: loadTextContent('../workbook.json')
  }
}
