/** An instance type, as far as people's tools look. */
export interface InstanceTypeFacts {
  readonly instanceType: string;
  readonly vcpus: number;
  /** Two where the processor has them, but for the oldest types. */
  readonly threadsPerCore: 1 | 2;
  readonly memoryMib: number;
  readonly architecture: 'x86_64' | 'arm64';
  readonly isBurstable: boolean;
  readonly isCurrentGeneration: boolean;
  readonly hypervisor: 'nitro' | 'xen';
  readonly networkPerformance: string;
  readonly mostInterfaces: number;
  readonly addressesPerInterface: number;
}

type Size = readonly [size: string, vcpus: number, memoryMib: number, interfaces: number, addresses: number];

const BURSTABLE: readonly Size[] = [
  ['nano', 2, 512, 2, 2],
  ['micro', 2, 1024, 2, 2],
  ['small', 2, 2048, 3, 4],
  ['medium', 2, 4096, 3, 6],
  ['large', 2, 8192, 3, 12],
  ['xlarge', 4, 16384, 4, 15],
  ['2xlarge', 8, 32768, 4, 15],
];

/** The smallest of the oldest burstable family have one virtual CPU. */
const OLD_BURSTABLE: readonly Size[] = BURSTABLE.map(([size, vcpus, ...rest]) => [
  size,
  ['nano', 'micro', 'small'].includes(size) ? 1 : vcpus,
  ...rest,
]);

/** Memory in GiB for each vCPU: 2 in the c families, 4 in the m, 8 in the r. */
function fixed(perVcpu: number): readonly Size[] {
  return [
    ['large', 2, 2 * perVcpu * 1024, 3, 10],
    ['xlarge', 4, 4 * perVcpu * 1024, 4, 15],
    ['2xlarge', 8, 8 * perVcpu * 1024, 4, 15],
    ['4xlarge', 16, 16 * perVcpu * 1024, 8, 30],
  ];
}

function family(
  name: string,
  sizes: readonly Size[],
  facts: Pick<InstanceTypeFacts, 'architecture' | 'isBurstable' | 'hypervisor' | 'isCurrentGeneration'>,
): InstanceTypeFacts[] {
  return sizes.map(([size, vcpus, memoryMib, mostInterfaces, addressesPerInterface]) => ({
    instanceType: `${name}.${size}`,
    vcpus,
    threadsPerCore: facts.hypervisor === 'xen' || facts.architecture === 'arm64' ? 1 : 2,
    memoryMib,
    mostInterfaces,
    addressesPerInterface,
    networkPerformance: facts.isBurstable ? 'Up to 5 Gigabit' : 'Up to 12.5 Gigabit',
    ...facts,
  }));
}

const INTEL = { architecture: 'x86_64', hypervisor: 'nitro', isCurrentGeneration: true } as const;
const ARM = { architecture: 'arm64', hypervisor: 'nitro', isCurrentGeneration: true } as const;

/** The types there are. They differ in what they are called: every instance is as large as the machine lets it be. */
export const instanceTypes: readonly InstanceTypeFacts[] = [
  ...family('t2', OLD_BURSTABLE, { ...INTEL, hypervisor: 'xen', isBurstable: true }),
  ...family('t3', BURSTABLE, { ...INTEL, isBurstable: true }),
  ...family('t3a', BURSTABLE, { ...INTEL, isBurstable: true }),
  ...family('t4g', BURSTABLE, { ...ARM, isBurstable: true }),
  ...family('m5', fixed(4), { ...INTEL, isBurstable: false }),
  ...family('m6i', fixed(4), { ...INTEL, isBurstable: false }),
  ...family('m7i', fixed(4), { ...INTEL, isBurstable: false }),
  ...family('m7g', fixed(4), { ...ARM, isBurstable: false }),
  ...family('c5', fixed(2), { ...INTEL, isBurstable: false }),
  ...family('c6i', fixed(2), { ...INTEL, isBurstable: false }),
  ...family('c7g', fixed(2), { ...ARM, isBurstable: false }),
  ...family('r5', fixed(8), { ...INTEL, isBurstable: false }),
  ...family('r6i', fixed(8), { ...INTEL, isBurstable: false }),
];

/** The facts of a type; undefined when there is none of this name. */
export function findInstanceType(name: string): InstanceTypeFacts | undefined {
  return instanceTypes.find(({ instanceType }) => instanceType === name);
}
