// The namespace with the queues and the topic of servicebus.json, and who may do what there. README.md explains its numbers.
@description('Required. Name of the namespace.')
param name string

@description('Required. Azure region.')
param location string

@description('Required. Tags of every resource.')
param tags object

@description('Required. Standard or Premium: Basic has no topics and no duplicate detection.')
@allowed(['Standard', 'Premium'])
param sku string

@description('Required. Disabled only where private endpoints lead here, which needs Premium.')
@allowed(['Enabled', 'Disabled'])
param publicNetworkAccess string

@description('Required. Object id of the app\'s identity.')
param appPrincipalId string

@description('Optional. Object id of the identity of those who send events.')
param producerPrincipalId string = ''

@description('Optional. Object id of those who operate the service by hand: test events, outcomes, dead letters.')
param operatorPrincipalId string = ''

@description('Optional. What operatorPrincipalId is.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param operatorPrincipalType string = 'User'

@description('Required. Log Analytics workspace that the namespace\'s own logs go to.')
param workspaceId string

var config = loadJsonContent('../servicebus.json').UserConfig.Namespaces[0]
var topic = config.Topics[0]
var inboundQueues = ['user-offboarding', 'device-retirement']
var roles = loadJsonContent('roles.json')
var receiver = roles['Azure Service Bus Data Receiver']
var sender = roles['Azure Service Bus Data Sender']

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: sku, tier: sku }
  properties: {
    disableLocalAuth: true // no keys: whoever comes has an identity and a role
    minimumTlsVersion: '1.2' // the highest that the namespace can ask for
    publicNetworkAccess: publicNetworkAccess
  }
}

resource queues 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = [for queue in config.Queues: {
  parent: namespace
  name: queue.Name
  properties: {
    // PT5M, the longest: the host renews it while a function runs; a crash costs one wait of this length.
    lockDuration: queue.Properties.LockDuration
    // Catches our own bugs only: a retry is a scheduled copy, which starts at zero. MAX_DELIVERY_COUNT is equal.
    maxDeliveryCount: queue.Properties.MaxDeliveryCount
    // No message is lost: one that nobody took in time can still be understood and replayed.
    deadLetteringOnMessageExpiration: queue.Properties.DeadLetteringOnMessageExpiration
    // Twice the seven days after which an event is too old to act on.
    defaultMessageTimeToLive: queue.Properties.DefaultMessageTimeToLive
    // A sender that retries, or a copy that is scheduled twice, has its effect once. Fixed when the queue is made.
    requiresDuplicateDetection: queue.Properties.RequiresDuplicateDetection
    // Well above the lock, so that a redelivery can't schedule its copy a second time unnoticed.
    duplicateDetectionHistoryTimeWindow: queue.Properties.DuplicateDetectionHistoryTimeWindow
    // Messages are settled by lock token from another connection, which sessions do not allow.
    requiresSession: queue.Properties.RequiresSession
  }
}]

resource outcomes 'Microsoft.ServiceBus/namespaces/topics@2024-01-01' = {
  parent: namespace
  name: topic.Name
  properties: {
    // As long as the events live: a subscriber that was away for a fortnight misses nothing.
    defaultMessageTimeToLive: topic.Properties.DefaultMessageTimeToLive
    // An outcome that is published again after a crash has the same id, and reaches subscribers once.
    requiresDuplicateDetection: topic.Properties.RequiresDuplicateDetection
    duplicateDetectionHistoryTimeWindow: topic.Properties.DuplicateDetectionHistoryTimeWindow
  }
}

resource subscriptions 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2024-01-01' = [for subscription in topic.Subscriptions: {
  parent: outcomes
  name: subscription.Name
  properties: {
    // As the queues, so that a reader has the same time and the same second chances.
    lockDuration: subscription.Properties.LockDuration
    maxDeliveryCount: subscription.Properties.MaxDeliveryCount
    // Unlike the queues: what nobody read in its time goes. The journal has it; dead letters would keep names until the topic is full.
    deadLetteringOnMessageExpiration: subscription.Properties.DeadLetteringOnMessageExpiration
    defaultMessageTimeToLive: subscription.Properties.DefaultMessageTimeToLive
    // Whoever reads need not take the outcomes of one event in their order: each says which run and stage it is of.
    requiresSession: subscription.Properties.RequiresSession
  }
}]

resource inbound 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' existing = [for queueName in inboundQueues: {
  parent: namespace
  name: queueName
}]

// The app takes and settles on each queue. Not Data Owner: that could also delete the queue. The price: the platform
// can't read the queue's length, and scales step by step instead of at once.
resource appReceives 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (queue, i) in config.Queues: {
  name: guid(queues[i].id, appPrincipalId, receiver)
  scope: queues[i]
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', receiver)
  }
}]

// It schedules copies (delayed retries, put-offs) into the queue that a message came from, and its own verifications.
resource appSends 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (queue, i) in config.Queues: {
  name: guid(queues[i].id, appPrincipalId, sender)
  scope: queues[i]
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', sender)
  }
}]

// It reports what became of every event.
resource appPublishes 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(outcomes.id, appPrincipalId, sender)
  scope: outcomes
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', sender)
  }
}

// Those who send events can do only that, and only to the two inbound queues.
resource producerSends 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (queueName, i) in (empty(producerPrincipalId) ? [] : inboundQueues): {
  name: guid(inbound[i].id, producerPrincipalId, sender)
  scope: inbound[i]
  properties: {
    principalId: producerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', sender)
  }
  dependsOn: [queues]
}]

// Those who operate it by hand: they send test events, and dead letters again, those of the verification queue too ...
resource operatorSends 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (queue, i) in (empty(operatorPrincipalId) ? [] : config.Queues): {
  name: guid(queues[i].id, operatorPrincipalId, sender)
  scope: queues[i]
  properties: {
    principalId: operatorPrincipalId
    principalType: operatorPrincipalType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', sender)
  }
}]

// ... read outcomes ...
resource operatorReadsOutcomes 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorPrincipalId)) {
  name: guid(outcomes.id, operatorPrincipalId, receiver)
  scope: outcomes
  properties: {
    principalId: operatorPrincipalId
    principalType: operatorPrincipalType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', receiver)
  }
}

// ... and look at dead letters, of all queues, and take them out.
resource operatorReadsQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (queue, i) in (empty(operatorPrincipalId) ? [] : config.Queues): {
  name: guid(queues[i].id, operatorPrincipalId, receiver)
  scope: queues[i]
  properties: {
    principalId: operatorPrincipalId
    principalType: operatorPrincipalType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', receiver)
  }
}]

// Who changed a queue, and when.
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: namespace
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'OperationalLogs', enabled: true }]
  }
}

@description('Resource id of the namespace.')
output id string = namespace.id

@description('Host name of the namespace, such as contoso.servicebus.windows.net; serviceBusEndpoint is https://HOST:443/.')
output host string = replace(replace(namespace.properties.serviceBusEndpoint, 'https://', ''), ':443/', '')
