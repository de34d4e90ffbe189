#!/usr/bin/env bash
# The course's network, by the aws CLI: the commands of the console's clicks, in the order in which things need each other.
#
#   ./deploy.sh        makes it, and prints how to log in
#   ./destroy.sh       ends it
#
# Which cloud it goes to is said by the environment alone: eval "$(croft env)" for Cloudcroft, your own profile for AWS.
set -euo pipefail
cd "$(dirname "$0")"

# Who may log into the bastion: the laptop of the simulated Internet. At AWS, your own address as checkip.amazonaws.com says it.
laptop=${LAPTOP:-198.51.100.10/32}

region=$(aws configure get region || true)
region=${AWS_REGION:-${AWS_DEFAULT_REGION:-$region}}

# named TYPE NAME: the option that tags what is made with a name.
named() { printf -- '--tag-specifications=ResourceType=%s,Tags=[{Key=Name,Value=%s}]' "$1" "$2"; }

# make QUERY COMMAND...: an EC2 command; prints the one id that is wanted of its answer.
make() {
  local query=$1
  shift
  aws ec2 "$@" --query "$query" --output text
}

echo '1. A VPC, and two subnets'
vpc=$(make Vpc.VpcId create-vpc --cidr-block 10.0.0.0/16 "$(named vpc course)")
# An interface endpoint's private DNS name needs both DNS attributes; the other one is on from the start.
aws ec2 modify-vpc-attribute --vpc-id "$vpc" --enable-dns-hostnames
public=$(make Subnet.SubnetId create-subnet --vpc-id "$vpc" --cidr-block 10.0.0.0/24 "$(named subnet public)")
private=$(make Subnet.SubnetId create-subnet --vpc-id "$vpc" --cidr-block 10.0.1.0/24 "$(named subnet private)")

echo '2. An internet gateway, and the route that makes a subnet public'
gateway=$(make InternetGateway.InternetGatewayId create-internet-gateway "$(named internet-gateway course)")
aws ec2 attach-internet-gateway --vpc-id "$vpc" --internet-gateway-id "$gateway"
public_table=$(make RouteTable.RouteTableId create-route-table --vpc-id "$vpc" "$(named route-table public)")
aws ec2 create-route --route-table-id "$public_table" \
  --destination-cidr-block 0.0.0.0/0 --gateway-id "$gateway" >/dev/null
aws ec2 associate-route-table --route-table-id "$public_table" --subnet-id "$public" >/dev/null
aws ec2 modify-subnet-attribute --subnet-id "$public" --map-public-ip-on-launch

echo '3. A NAT gateway with an Elastic IP: the way out of the private subnet, and no way in'
private_table=$(make RouteTable.RouteTableId create-route-table --vpc-id "$vpc" "$(named route-table private)")
aws ec2 associate-route-table --route-table-id "$private_table" --subnet-id "$private" >/dev/null
address=$(make AllocationId allocate-address --domain vpc "$(named elastic-ip nat)")
nat=$(make NatGateway.NatGatewayId create-nat-gateway --subnet-id "$public" --allocation-id "$address" \
  "$(named natgateway nat)")
aws ec2 wait nat-gateway-available --nat-gateway-ids "$nat"
aws ec2 create-route --route-table-id "$private_table" \
  --destination-cidr-block 0.0.0.0/0 --nat-gateway-id "$nat" >/dev/null

echo '4. Security groups: stateful, of an interface; they can name each other'
bastion_group=$(make GroupId create-security-group --vpc-id "$vpc" --group-name bastion --description 'SSH from the laptop')
private_group=$(make GroupId create-security-group --vpc-id "$vpc" --group-name private --description 'the bastion')
endpoint_group=$(make GroupId create-security-group --vpc-id "$vpc" --group-name endpoint --description 'HTTPS from inside')
allow=(aws ec2 authorize-security-group-ingress --output text)
"${allow[@]}" --group-id "$bastion_group" --protocol tcp --port 22 --cidr "$laptop" >/dev/null
# Everything from the bastion. That is too much, and the network ACL of step 5 narrows it.
"${allow[@]}" --group-id "$private_group" --protocol=-1 --source-group "$bastion_group" >/dev/null
"${allow[@]}" --group-id "$endpoint_group" --protocol tcp --port 443 --source-group "$private_group" >/dev/null

echo '5. A network ACL: stateless, of a subnet; the lowest number that fits decides'
acl=$(make NetworkAcl.NetworkAclId create-network-acl --vpc-id "$vpc" "$(named network-acl private)")
entry=(aws ec2 create-network-acl-entry --network-acl-id "$acl")
"${entry[@]}" --ingress --rule-number 100 --rule-action allow --protocol tcp \
  --port-range From=22,To=22 --cidr-block 10.0.0.0/24
# Answers to what the private instance asks come back to high ports: an ACL remembers no connection.
"${entry[@]}" --ingress --rule-number 110 --rule-action allow --protocol tcp \
  --port-range From=1024,To=65535 --cidr-block 0.0.0.0/0
# No mail from here, though rule 100 would allow it.
"${entry[@]}" --egress --rule-number 90 --rule-action deny --protocol tcp \
  --port-range From=25,To=25 --cidr-block 0.0.0.0/0
"${entry[@]}" --egress --rule-number 100 --rule-action allow --protocol=-1 --cidr-block 0.0.0.0/0
# A subnet always has one ACL: its first one is exchanged.
association=$(make "NetworkAcls[0].Associations[?SubnetId=='$private'].NetworkAclAssociationId" \
  describe-network-acls --filters "Name=association.subnet-id,Values=$private")
aws ec2 replace-network-acl-association --association-id "$association" --network-acl-id "$acl" >/dev/null

echo '6. Endpoints: AWS’s services without the Internet'
# A gateway endpoint is a route to a prefix list; it costs nothing.
for service in s3 dynamodb; do
  make VpcEndpoint.VpcEndpointId create-vpc-endpoint --vpc-id "$vpc" --route-table-ids "$private_table" \
    --service-name "com.amazonaws.$region.$service" "$(named vpc-endpoint "$service-endpoint")" >/dev/null
done
# An interface endpoint is an address in the subnet, to which the service's own name resolves in the VPC.
make VpcEndpoint.VpcEndpointId create-vpc-endpoint --vpc-id "$vpc" --vpc-endpoint-type Interface \
  --service-name "com.amazonaws.$region.sts" --subnet-ids "$private" --security-group-ids "$endpoint_group" \
  --private-dns-enabled "$(named vpc-endpoint sts-endpoint)" >/dev/null

echo '7. A key pair, and an instance in each subnet'
rm -f course.pem
make KeyMaterial create-key-pair --key-name course --key-type ed25519 >course.pem
chmod 400 course.pem
# The newest image has a parameter of AWS's own that says its id.
image=$(aws ssm get-parameter --name /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64 \
  --query Parameter.Value --output text)
run=(make 'Instances[0].InstanceId' run-instances --image-id "$image" --instance-type t3.micro --key-name course)
bastion=$("${run[@]}" --subnet-id "$public" --security-group-ids "$bastion_group" "$(named instance bastion)")
inside=$("${run[@]}" --subnet-id "$private" --security-group-ids "$private_group" "$(named instance private)")
aws ec2 wait instance-running --instance-ids "$bastion" "$inside"
bastion_ip=$(make 'Reservations[0].Instances[0].PublicIpAddress' describe-instances --instance-ids "$bastion")
inside_ip=$(make 'Reservations[0].Instances[0].PrivateIpAddress' describe-instances --instance-ids "$inside")

cat <<END

The bastion is $bastion_ip, the private instance $inside_ip. Log in, in Cloudcroft from the laptop (croft laptop):

  ssh -i course.pem ec2-user@$bastion_ip
END
