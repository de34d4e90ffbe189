import type { GetSecurityGroupsForVpcRequest, GetSecurityGroupsForVpcResult } from '@aws-sdk/client-ec2';
import type { SecurityGroup } from '../../model/records.ts';
import type { ActionContext } from '../action.ts';
import { type Listing, listRecords } from '../describe.ts';
import { findResource, kinds } from '../kinds.ts';
import { showTags } from '../tags.ts';

const listing: Listing<SecurityGroup> = {
  ...kinds.securityGroup,
  filters: {
    description: 'description',
    'group-id': 'groupId',
    'group-name': 'groupName',
    'owner-id': (_, { scope }) => scope.account,
    'primary-vpc-id': 'vpcId',
  },
};

/** The groups that interfaces of a VPC can have: its own, as none is shared with another VPC here (semantics S90). */
export const vpcSecurityGroupActions = {
  GetSecurityGroupsForVpc(
    { tx, account }: ActionContext,
    input: GetSecurityGroupsForVpcRequest,
  ): GetSecurityGroupsForVpcResult {
    const { vpcId } = findResource(tx, kinds.vpc, input.VpcId, 'VpcId');
    const { MaxResults, NextToken } = input;
    const page = listRecords(tx.securityGroups, tx, listing, {
      ids: undefined,
      Filters: [...(input.Filters ?? []), { Name: 'primary-vpc-id', Values: [vpcId] }],
      MaxResults,
      NextToken,
    });
    return {
      SecurityGroupForVpcs: page.records.map((group) => ({
        GroupId: group.groupId,
        GroupName: group.groupName,
        Description: group.description,
        OwnerId: account,
        PrimaryVpcId: group.vpcId,
        Tags: showTags(group),
      })),
      NextToken: page.nextToken,
    };
  },
};
