// Written by `make docs` from shared/settings/fields.py, and held equal to it by a check: the defaults of what can be chosen.
// Empty means absent. Choose others by the parameter `settings`: with azd, `azd env set NAME VALUE`, then `azd provision`.
@description('App settings by name, as they are where nobody chose.')
@export()
var defaults = {
  GRAPH_ENDPOINT: 'https://graph.microsoft.com' // where Graph is: the root of Graph in one of the four clouds, or http on loopback
  DRY_RUN: 'true' // change nothing, report what would be done: true or false; true until you say otherwise
  ALLOW_RESOURCE_ACCOUNT_UNASSIGN: 'false' // allow unassignResourceAccount, which Graph has in beta only: true or false
  RESOLVE_USERS: 'false' // look users up in Graph; needs User.Read.All: true or false
  LOG_HASH_KEY: '' // key of the hashes in logs; random for each process if absent: 16 characters or more
  MAX_DEVICES_PER_USER: '10' // a user with more devices is refused: a number from 1 to 400
  BLAST_RADIUS_PER_HOUR: '200' // devices that may be unassigned in an hour, over all instances: a number from 1 to 1000000
  PROTECTED_USERS: '' // user principal names never touched; also object ids, where the message gives one: a list separated by commas, in which * stands for any characters
  PROTECTED_GROUP_TAGS: '' // group tags whose devices are never touched: a list separated by commas, in which * stands for any characters
  PROTECTED_SERIAL_NUMBERS: '' // serial numbers never touched: a list separated by commas, in which * stands for any characters
  RETRY_MAX_ATTEMPTS: '300' // attempts before RetriesExhausted: a number from 1 to 100000
  RETRY_FIRST_DELAY: '10s' // the first delayed retry comes within this: a duration, such as 90s, 10m, 24h or 7d
  RETRY_MAX_DELAY: '15m' // the longest wait between attempts: a duration, such as 90s, 10m, 24h or 7d
  RETRY_GIVE_UP_AFTER: '24h' // time since the first failed attempt before RetriesExhausted: a duration, such as 90s, 10m, 24h or 7d
  PERMIT_MAX_WAIT: '10s' // the longest wait for a place under the rate limit: a duration, such as 90s, 10m, 24h or 7d
  MESSAGE_MAX_AGE: '7d' // an older event is StaleMessage: a duration, such as 90s, 10m, 24h or 7d
  DIRECTORY_MAX_AGE: '60s' // how long one scan of the Autopilot list is shared: a duration, such as 90s, 10m, 24h or 7d
  VERIFY_AFTER: '10m' // how long an accepted unassignment is neither repeated nor doubted: a duration, such as 90s, 10m, 24h or 7d
  VERIFY_ATTEMPTS: '4' // looks at a record before UnassignmentNotConfirmed: a number from 1 to 20
  MAPPING_FILE: '' // rules that turn messages of other shapes into events: a path, from the folder that is deployed, such as shared/mappings/bamboohr.yaml
  JOURNAL_RETENTION: '365d' // how long the journal keeps an event after the last that happened to it: a duration of at most ten years, such as 365d
}
