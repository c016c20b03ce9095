// Private networking: a network for the app, and private endpoints to Service Bus and to the storage account.
@description('Required. Name of the virtual network.')
param name string

@description('Required. Azure region.')
param location string

@description('Required. Tags of every resource.')
param tags object

@description('Required. Addresses of the network, a /25 or more.')
param addressPrefix string

@description('Required. Resource id of the Service Bus namespace.')
param namespaceId string

@description('Required. Resource id of the storage account.')
param storageId string

// What is reached, by the name of its part, and the zone that its private addresses are found in.
var endpoints = [
  { part: 'namespace', zone: 'privatelink.servicebus.windows.net' }
  { part: 'blob', zone: 'privatelink.blob.${environment().suffixes.storage}' }
  { part: 'table', zone: 'privatelink.table.${environment().suffixes.storage}' }
]

// The subnets stand in the network itself: a network that is deployed again without them would lose them, and the app's is in use.
resource network 'Microsoft.Network/virtualNetworks@2024-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addressPrefix] }
    subnets: [
      {
        // Flex Consumption wants a subnet of its own, with this delegation; 64 addresses are room for 40 instances.
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 0)
          delegations: [{ name: 'flex-consumption', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        // The 32 addresses that come after the app's.
        name: 'endpoints'
        properties: { addressPrefix: cidrSubnet(addressPrefix, 27, 2) }
      }
    ]
  }
}

resource appSubnet 'Microsoft.Network/virtualNetworks/subnets@2024-07-01' existing = {
  parent: network
  name: 'app'
}

resource endpointSubnet 'Microsoft.Network/virtualNetworks/subnets@2024-07-01' existing = {
  parent: network
  name: 'endpoints'
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [for endpoint in endpoints: {
  name: endpoint.zone
  location: 'global'
  tags: tags
}]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [for (endpoint, i) in endpoints: {
  parent: zones[i]
  name: 'to-${name}'
  location: 'global'
  tags: tags
  properties: { registrationEnabled: false, virtualNetwork: { id: network.id } }
}]

resource privateEndpoints 'Microsoft.Network/privateEndpoints@2024-07-01' = [for endpoint in endpoints: {
  name: 'pe-${endpoint.part}-${name}'
  location: location
  tags: tags
  properties: {
    subnet: { id: endpointSubnet.id }
    privateLinkServiceConnections: [
      {
        name: endpoint.part
        properties: {
          // said here and not in the list above: the linter wants to see where an id comes from
          privateLinkServiceId: endpoint.part == 'namespace' ? namespaceId : storageId
          groupIds: [endpoint.part]
        }
      }
    ]
  }
}]

resource zoneGroups 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-07-01' = [for (endpoint, i) in endpoints: {
  parent: privateEndpoints[i]
  name: 'default'
  properties: { privateDnsZoneConfigs: [{ name: endpoint.part, properties: { privateDnsZoneId: zones[i].id } }] }
}]

@description('The subnet that the app is put into.')
output appSubnetId string = appSubnet.id
