/**
 * Whom an address belongs to, for counting: an IPv4 address is one host, an IPv6 host has a whole
 * /64 to choose from.
 */

const GROUPS = 8;
const NETWORK_GROUPS = 4;

/** "192.0.2.1", "2001:db8:0:1::/64"; empty for a Unix socket, which has no address. */
export function addressKey(address: string): string {
  if (!address.includes(":")) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  const [head = "", tail] = address.replace(/%.*$/, "").split("::");
  const left = groupsOf(head);
  const right = tail === undefined ? [] : groupsOf(tail);
  const gap = Math.max(0, GROUPS - left.length - right.length);
  const groups = [...left, ...new Array<string>(gap).fill("0"), ...right];
  const network = groups.slice(0, NETWORK_GROUPS).map((group) => parseInt(group, 16).toString(16));
  return `${network.join(":")}::/64`;
}

/** An IPv4 address at the end stands for two groups; what they are does not count. */
function groupsOf(text: string): string[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => group.includes(".") ? ["0", "0"] : [group]);
}
