#!/usr/bin/env bash
# Ends what deploy.sh made, found by the VPC's name, in AWS's order: first what stands in something, then that. It may be run again.
set -euo pipefail
cd "$(dirname "$0")"

# find QUERY COMMAND...: ids, one a line; none is no error.
find() {
  local query=$1
  shift
  aws ec2 "$@" --query "$query" --output text | tr '\t' '\n'
}

vpc=$(find 'Vpcs[].VpcId' describe-vpcs --filters Name=tag:Name,Values=course)
if [ -z "$vpc" ]; then
  echo 'There is no VPC named course.'
  exit
fi
in_vpc=(--filters "Name=vpc-id,Values=$vpc")

echo '1. Instances, endpoints and the NAT gateway: their interfaces stand in the subnets'
instances=$(find 'Reservations[].Instances[].InstanceId' describe-instances "${in_vpc[@]}")
endpoints=$(find 'VpcEndpoints[].VpcEndpointId' describe-vpc-endpoints "${in_vpc[@]}")
nats=$(find "NatGateways[?State!='deleted'].NatGatewayId" describe-nat-gateways "${in_vpc[@]/--filters/--filter}")
# shellcheck disable=SC2086 # lists of ids
{
  [ -z "$instances" ] || aws ec2 terminate-instances --instance-ids $instances >/dev/null
  [ -z "$endpoints" ] || aws ec2 delete-vpc-endpoints --vpc-endpoint-ids $endpoints >/dev/null
  for nat in $nats; do aws ec2 delete-nat-gateway --nat-gateway-id "$nat" >/dev/null; done
  [ -z "$instances" ] || aws ec2 wait instance-terminated --instance-ids $instances
  [ -z "$nats" ] || aws ec2 wait nat-gateway-deleted --nat-gateway-ids $nats
}
for address in $(find 'Addresses[].AllocationId' describe-addresses --filters Name=tag:Name,Values=nat); do
  aws ec2 release-address --allocation-id "$address"
done
# Interfaces of endpoints go a little after their endpoints.
while [ -n "$(find 'NetworkInterfaces[].NetworkInterfaceId' describe-network-interfaces "${in_vpc[@]}")" ]; do sleep 1; done

echo '2. Subnets, then what was associated with them'
for subnet in $(find 'Subnets[].SubnetId' describe-subnets "${in_vpc[@]}"); do
  aws ec2 delete-subnet --subnet-id "$subnet"
done
for table in $(find "RouteTables[?!not_null(Associations[?Main]|[0])].RouteTableId" describe-route-tables "${in_vpc[@]}"); do
  aws ec2 delete-route-table --route-table-id "$table"
done
for acl in $(find 'NetworkAcls[?!IsDefault].NetworkAclId' describe-network-acls "${in_vpc[@]}"); do
  aws ec2 delete-network-acl --network-acl-id "$acl"
done

echo '3. Security groups: one that another names goes after that other'
for name in endpoint private bastion; do
  for group in $(find 'SecurityGroups[].GroupId' describe-security-groups "${in_vpc[@]}" "Name=group-name,Values=$name"); do
    aws ec2 delete-security-group --group-id "$group" >/dev/null
  done
done

echo '4. The internet gateway, and the VPC with its main table, default ACL and default group'
for gateway in $(find 'InternetGateways[].InternetGatewayId' describe-internet-gateways \
  --filters "Name=attachment.vpc-id,Values=$vpc"); do
  aws ec2 detach-internet-gateway --internet-gateway-id "$gateway" --vpc-id "$vpc"
  aws ec2 delete-internet-gateway --internet-gateway-id "$gateway"
done
aws ec2 delete-vpc --vpc-id "$vpc"
aws ec2 delete-key-pair --key-name course >/dev/null
rm -f course.pem
echo 'Nothing is left.'
