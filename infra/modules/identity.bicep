// A user-assigned identity: it outlives the app, so that a rebuilt app keeps its grants.
@description('Required. Name of the identity.')
param name string

@description('Required. Azure region.')
param location string

@description('Required. Tags of every resource.')
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('Resource id, by which an app is given the identity.')
output id string = identity.id

@description('Client id, by which code asks for a token of this identity.')
output clientId string = identity.properties.clientId

@description('Object id of the service principal, to which roles are granted.')
output principalId string = identity.properties.principalId
