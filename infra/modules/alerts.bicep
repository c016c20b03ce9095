// The alerts of alerts.json: on Service Bus's own metrics, and on what the service counts. Each says why it matters.
@description('Required. Azure region.')
param location string

@description('Required. Tags of every resource.')
param tags object

@description('Required. Resource id of the Service Bus namespace.')
param namespaceId string

@description('Required. Resource id of the workspace that the queries run on.')
param workspaceId string

@description('Optional. Who is told by mail.')
param alertEmail string = ''

@description('Optional. Resource id of an action group that is told.')
param actionGroupId string = ''

var rules = loadJsonContent('../alerts.json')
var mailed = empty(alertEmail) ? [] : [mail.id]
var named = empty(actionGroupId) ? [] : [actionGroupId]
var groups = concat(mailed, named)
var actions = [for group in groups: { actionGroupId: group }]

resource mail 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(alertEmail)) {
  name: 'offboarding-alerts'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'offboarding'
    enabled: true
    emailReceivers: [{ name: 'mail', emailAddress: alertEmail, useCommonAlertSchema: true }]
  }
}

resource metricAlerts 'Microsoft.Insights/metricAlerts@2018-03-01' = [for rule in rules.metrics: {
  name: 'offboarding-${rule.name}'
  location: 'global'
  tags: tags
  properties: {
    description: rule.why
    severity: rule.severity
    enabled: true
    scopes: [namespaceId]
    evaluationFrequency: rule.frequency
    windowSize: rule.window
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: rule.name
          metricNamespace: 'Microsoft.ServiceBus/namespaces'
          metricName: rule.metric
          dimensions: [{ name: 'EntityName', operator: 'Include', values: rule.queues }]
          operator: 'GreaterThan'
          threshold: rule.threshold
          timeAggregation: rule.aggregation
        }
      ]
    }
    actions: actions
  }
}]

resource queryAlerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for rule in rules.queries: {
  name: 'offboarding-${rule.name}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Autopilot offboarding: ${rule.name}'
    description: rule.why
    severity: rule.severity
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: rule.frequency
    windowSize: rule.window
    autoMitigate: true
    skipQueryValidation: true // the tables are there only once something was sent
    criteria: {
      allOf: [
        {
          query: rule.query
          metricMeasureColumn: rule.measure
          timeAggregation: 'Maximum'
          dimensions: rule.dimensions
          operator: rule.operator
          threshold: rule.threshold
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: groups }
  }
}]
