/**
 * Networks in CIDR notation, IPv4 and IPv6, and which addresses are in them.
 *
 * Owns the reading of addresses as numbers. An IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2)
 * is its IPv4 address: a dual-stack listener must not let anyone out of a rule.
 */

import { isIPv4, isIPv6 } from "node:net";

/** An address, or the first bits of many. */
export interface Network {
  /** 4 or 16 bytes. */
  readonly bytes: readonly number[];
  readonly prefixBits: number;
}

/** Bits before the IPv4 address in an IPv4-mapped one. */
const MAPPED_BITS = 96;

/**
 * Reads "192.168.1.0/24", "fd00::/8" or a single address; bits after the prefix do not count.
 * `undefined` when it is neither.
 */
export function parseNetwork(text: string): Network | undefined {
  const parts = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text);
  const raw = parts?.[1] === undefined ? undefined : addressBytes(parts[1]);
  if (raw === undefined) return undefined;
  const prefixBits = parts?.[2] === undefined ? raw.length * 8 : Number(parts[2]);
  if (prefixBits > raw.length * 8) return undefined;
  return isMapped(raw) && prefixBits >= MAPPED_BITS
    ? { bytes: raw.slice(12), prefixBits: prefixBits - MAPPED_BITS }
    : { bytes: raw, prefixBits };
}

/** False, too, for what is not an address. A zone ("%eth0") does not count. */
export function networkContains(network: Network, address: string): boolean {
  const raw = addressBytes(address.replace(/%.*$/, ""));
  if (raw === undefined) return false;
  const bytes = isMapped(raw) ? raw.slice(12) : raw;
  if (bytes.length !== network.bytes.length) return false;
  return bytes.every((byte, index) => {
    const bits = Math.min(8, Math.max(0, network.prefixBits - index * 8));
    return (byte ^ (network.bytes[index] as number)) >> (8 - bits) === 0;
  });
}

function addressBytes(text: string): number[] | undefined {
  if (isIPv4(text)) return text.split(".").map(Number);
  return isIPv6(text) ? ipv6Bytes(text) : undefined;
}

/** `text` is valid. */
function ipv6Bytes(text: string): number[] {
  const [head = "", tail] = text.split("::");
  const left = groupBytes(head);
  const right = tail === undefined ? [] : groupBytes(tail);
  return [...left, ...new Array<number>(16 - left.length - right.length).fill(0), ...right];
}

function groupBytes(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (group.includes(".")) return group.split(".").map(Number);
    const value = parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function isMapped(bytes: readonly number[]): boolean {
  return bytes.length === 16 && bytes[10] === 0xff && bytes[11] === 0xff &&
    bytes.slice(0, 10).every((byte) => byte === 0);
}
