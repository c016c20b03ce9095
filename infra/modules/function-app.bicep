// The plan, the app and its settings.
import { defaults } from 'settings.bicep'

@description('Required. Name of the function app.')
param name string

@description('Required. Name of its plan.')
param planName string

@description('Required. Azure region.')
param location string

@description('Required. Tags of every resource.')
param tags object

@description('Required. Python of the runtime.')
param pythonVersion string

@description('Required. The most instances.')
param maximumInstanceCount int

@description('Required. Resource id of the app\'s identity.')
param identityId string

@description('Required. Client id of the same identity.')
param identityClientId string

@description('Required. Host name of the Service Bus namespace.')
param serviceBusHost string

@description('Required. Name of the storage account.')
param storageName string

@description('Required. URL of the container for the deployed package.')
param packageContainerUrl string

@description('Required. URL of the journal\'s table.')
param journalUrl string

@description('Required. Where telemetry goes.')
param applicationInsightsConnectionString string

@description('Optional. Subnet that the app reaches private endpoints from.')
param subnetId string = ''

@description('Optional. App settings by name that win over the defaults.')
@secure()
param chosenSettings object = {}

var namespace = loadJsonContent('../servicebus.json').UserConfig.Namespaces[0]

// How many at once. Intune takes 100 writes in 20 s from one app, whatever its instances: 5 a second. One device needs one
// write, a read and some storage calls: about 2 s. So 10 messages at a time use up the quota, and one instance handles 32
// (maxConcurrentCalls in host.json, so that $batch calls of 20 fill). More instances add nothing but waiting for the shared
// record of the quota: 40, the least that Flex Consumption takes as a limit, is far above what is ever needed.
resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true } // Linux
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'worker' })
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: 'Enabled' // deployments come this way; no function listens to HTTP
    keyVaultReferenceIdentity: identityId // for LOG_HASH_KEY, if it is to come from Key Vault
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      ftpsState: 'Disabled'
      http20Enabled: true
      minTlsVersion: '1.2'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageContainerUrl
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      scaleAndConcurrency: { instanceMemoryMB: 2048, maximumInstanceCount: maximumInstanceCount }
      runtime: { name: 'python', version: pythonVersion }
    }
  }
}

// No publishing with user name and password.
resource noPasswordForDeployments 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

resource noPasswordForFtp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

resource appSettings 'Microsoft.Web/sites/config@2024-11-01' = {
  parent: app
  name: 'appsettings'
  properties: union(defaults, chosenSettings, {
    // Service Bus by identity; the triggers read the same three
    ServiceBusConnection__fullyQualifiedNamespace: serviceBusHost
    ServiceBusConnection__credential: 'managedidentity'
    ServiceBusConnection__clientId: identityClientId
    // the queues and the topic of servicebus.json
    USER_OFFBOARDING_QUEUE: 'user-offboarding'
    DEVICE_RETIREMENT_QUEUE: 'device-retirement'
    VERIFICATION_QUEUE: 'unassignment-verification'
    OUTCOMES_TOPIC: 'unassignment-outcomes'
    // the queues' own, so that the service knows which delivery is the last
    MAX_DELIVERY_COUNT: string(namespace.Queues[0].Properties.MaxDeliveryCount)
    // the identity that calls Graph and the journal's storage
    AZURE_CLIENT_ID: identityClientId
    // where decisions are recorded
    JOURNAL_URL: journalUrl
    // what the host itself keeps, without keys
    AzureWebJobsStorage__accountName: storageName
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: identityClientId
    // telemetry, by identity; a semicolon at the end would break the second
    APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD;ClientId=${identityClientId}'
    PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY: 'true' // the worker sets OpenTelemetry up
    // no instrumented libraries: their spans hold whole URLs, which can name people and devices; msgraph-sdk's own have templates
    OTEL_PYTHON_DISABLED_INSTRUMENTATIONS: 'azure_sdk,django,fastapi,flask,httpx,httpx2,psycopg2,requests,urllib,urllib3'
  })
}

@description('Name of the app.')
output name string = app.name
