// The one permission on Graph that the app needs, granted in the deployment. Opt-in: the deployer must be one who may grant
// it (Privileged Role Administrator or Global Administrator). grant.sh does the same for an administrator, later. Public cloud only.
extension microsoftGraphV1

@description('Required. Object id of the app\'s identity.')
param principalId string

resource graph 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: '00000003-0000-0000-c000-000000000000' // Microsoft Graph, in every tenant
}

resource grant 'Microsoft.Graph/appRoleAssignedTo@v1.0' = {
  appRoleId: '5ac13192-7ace-4fcf-b828-1a26f28068ee' // DeviceManagementServiceConfig.ReadWrite.All: read Autopilot records, unassign their users
  principalId: principalId
  resourceId: graph.id
}
