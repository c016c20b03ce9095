#!/usr/bin/env bash
# After `azd provision`: grant the Graph permission if the deployer may; else say who has to. Never fails the deployment. Whoever can't
# grant it may not be able to see either whether it is granted, as in a pipeline, where only azd is signed in: so this does not say it is not.
set -uo pipefail

if [[ ${GRANT_GRAPH_PERMISSION:-false} == true ]]; then
  exit 0 # graph/permission.bicep did it
fi
if ! "$(dirname "$0")/grant.sh"; then
  echo "The Graph permission could not be granted, or seen, from here. If it is not granted yet, messages end in GraphPermissionDenied:" >&2
  echo "have an administrator run infra/graph/grant.sh ${APP_PRINCIPAL_ID:-OBJECT_ID} (which changes nothing if it is granted)." >&2
fi
exit 0
