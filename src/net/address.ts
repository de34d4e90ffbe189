/** An IPv4 address as an unsigned 32-bit number, so that ranges are plain comparisons. */
export type Ipv4 = number;

/** The number of an IPv4 address in dotted notation, or undefined when the text is not one (`010.0.0.1` is not). */
export function parseIpv4(text: string): Ipv4 | undefined {
  const octets = text.split('.');
  if (octets.length !== 4) return undefined;
  let value = 0;
  for (const octet of octets) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(octet)) return undefined;
    const number = Number(octet);
    if (number > 255) return undefined;
    value = value * 256 + number;
  }
  return value;
}

/** The dotted notation of an IPv4 address. */
export function formatIpv4(address: Ipv4): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}
