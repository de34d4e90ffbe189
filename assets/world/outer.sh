#!/bin/sh
# The world's outer shell, in a mount namespace of its own: gives the world a /run with what it needs of the machine,
# then becomes the anchor. Bound here and not inside, because the world's root may not pass through private homes.
# Arguments: STATE APPLICATION NODE_FOLDER IMAGE OWNER, then the command that makes the anchor.
set -eu
state=$1 application=$2 node=$3 image=$4 owner=$5
shift 5
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/croft/instances /run/croft/images /run/croft/services /run/croft/app /run/croft/node /run/croft/image /run/netns /run/crun /run/lock
mount --bind "$state/instances" /run/croft/instances
mount --bind "$state/images" /run/croft/images
mount --bind "$state/services" /run/croft/services
mount --bind "$application" /run/croft/app
mount --bind "$node" /run/croft/node
mount --bind "$image" /run/croft/image
if [ "$owner" != 0 ]; then chown -R "$owner:$owner" /run/netns /run/crun /run/lock && chown "$owner:$owner" /run /run/croft; fi
exec "$@"
