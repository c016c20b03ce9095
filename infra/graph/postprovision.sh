#!/usr/bin/env bash
# After `azd provision`: grant the Graph permission if the deployer may; else say who has to. Never fails the deployment.
set -uo pipefail

if [[ ${GRANT_GRAPH_PERMISSION:-false} == true ]]; then
  exit 0 # graph/permission.bicep did it
fi
if ! "$(dirname "$0")/grant.sh"; then
  echo "The Graph permission is not granted yet: until it is, messages end in GraphPermissionDenied." >&2
  echo "Have an administrator run: infra/graph/grant.sh ${APP_PRINCIPAL_ID:-OBJECT_ID}" >&2
fi
exit 0
