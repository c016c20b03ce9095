#!/usr/bin/env bash
# Grants the app's identity the one Graph permission that it needs, unless it has it. For an administrator who may grant it
# (Privileged Role Administrator or Global Administrator), signed in with `az login`. Safe to run again.
#
#   infra/graph/grant.sh [OBJECT_ID]     the identity's object id; by default APP_PRINCIPAL_ID, which azd puts out
#
# DeviceManagementServiceConfig.ReadWrite.All reads Autopilot records and unassigns their users. Graph has no narrower one for it.
set -euo pipefail

principal=${1:-${APP_PRINCIPAL_ID:-}}
role=5ac13192-7ace-4fcf-b828-1a26f28068ee      # DeviceManagementServiceConfig.ReadWrite.All (application)
graph_app=00000003-0000-0000-c000-000000000000 # Microsoft Graph, in every tenant

if [[ ! $principal =~ ^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$ ]]; then
  echo "the object id of the app's identity is missing or no GUID: give it, or set APP_PRINCIPAL_ID" >&2
  exit 2
fi

endpoint=$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv)
endpoint=${endpoint%/}/v1.0
graph=$(az ad sp show --id "$graph_app" --query id --output tsv)
# One page holds more roles than an identity of this service ever has.
granted=$(az rest --method GET --url "$endpoint/servicePrincipals/$principal/appRoleAssignments?\$top=999" \
  --query "length(value[?appRoleId=='$role' && resourceId=='$graph'])" --output tsv)
if [[ $granted != 0 ]]; then
  echo "already granted"
  exit 0
fi

az rest --method POST --url "$endpoint/servicePrincipals/$principal/appRoleAssignments" --output none \
  --headers Content-Type=application/json \
  --body "{\"principalId\": \"$principal\", \"resourceId\": \"$graph\", \"appRoleId\": \"$role\"}"
echo "granted; tokens that the app has already may lack it for some hours: restart the app to be sure"
