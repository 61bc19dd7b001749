/**
 * Settings of listeners that are fine alone and contradict each other.
 *
 * Owns the rules within one listener and between two of them.
 */

import { addressesOverlap, isAddress } from "./address.ts";
import { type Conflict, useless } from "./conflict.ts";
import { readLeaf } from "./leaf.ts";
import { type PathStep, pathText, rowAt } from "./path.ts";
import { isRawMap, ownValue } from "./raw.ts";
import type { RawValues } from "./raw_values.ts";
import { isLeaf } from "./read.ts";
import { ALL_ADDRESSES, DEFAULT_PORT } from "./settings.ts";
import { asText } from "./text_forms.ts";

/** Every contradiction in the list of listeners. */
export function listenerConflicts(values: RawValues): Conflict[] {
  const items = values.at(["listeners"]);
  if (!Array.isArray(items)) return [];
  return items.flatMap((item: unknown, index) => {
    if (!isRawMap(item)) return [];
    const path = ["listeners", index];
    const earlier = items.slice(0, index).findIndex((other) => collide(item, other));
    return [
      ...socketConflicts(values, path),
      ...(earlier >= 0 ? [sameEndpoint(values, path, earlier)] : []),
      ...nameConflicts(values, items, index),
      ...tlsConflicts(values, path),
      ...protocolConflicts(values, path),
      ...clientConflicts(values, path),
    ];
  });
}

/** Port and address are for TCP, a mode and an owner for Unix sockets. */
function socketConflicts(values: RawValues, path: readonly PathStep[]): Conflict[] {
  const isUnix = values.at([...path, "path"]) !== undefined;
  if (!isUnix) {
    return ["mode", "owner", "group"].filter((key) => values.at([...path, key]) !== undefined)
      .map((key) => useless([...path, key], "only a Unix socket, a listener with 'path', has one"));
  }
  return ["port", "address"].filter((key) => values.at([...path, key]) !== undefined)
    .map((key) => ({
      path: [...path, key],
      message: `Cannot use '${pathText([...path, key])}' together with 'path': ` +
        "a Unix socket has neither port nor address",
      hint: "make two listeners of it, or remove one of the keys",
    }));
}

function sameEndpoint(values: RawValues, path: readonly PathStep[], earlier: number): Conflict {
  const key = ["path", "port", "address"].find((name) => values.at([...path, name]) !== undefined);
  return {
    path: key === undefined ? path : [...path, key],
    message: `Cannot use '${pathText(path)}': ${endpointText(values, path)} ` +
      `is taken by 'listeners[${earlier}]'`,
  };
}

function collide(one: unknown, other: unknown): boolean {
  if (!isRawMap(one) || !isRawMap(other)) return false;
  const a = endpoint(one);
  const b = endpoint(other);
  if (a.path !== undefined || b.path !== undefined) return a.path === b.path;
  return a.port === b.port && typeof a.port === "number" && a.port > 0 &&
    addressesOverlap(a.address, b.address);
}

function endpoint(item: { readonly [key: string]: unknown }) {
  const address = ownValue(item, "address");
  return {
    path: ownValue(item, "path"),
    port: ownValue(item, "port") ?? DEFAULT_PORT,
    address: typeof address === "string" && isAddress(address) ? address : ALL_ADDRESSES,
  };
}

function endpointText(values: RawValues, path: readonly PathStep[]): string {
  if (["path", "port", "address"].some((key) => values.isSecret([...path, key]))) {
    return "where it listens";
  }
  const item = values.at(path);
  const { path: socket, port, address } = endpoint(isRawMap(item) ? item : {});
  if (socket !== undefined) return `the Unix socket ${values.shown([...path, "path"])}`;
  return address === ALL_ADDRESSES
    ? `port ${port} on all addresses`
    : `port ${port} on '${address}'`;
}

function nameConflicts(
  values: RawValues,
  items: readonly unknown[],
  index: number,
): Conflict[] {
  const nameOf = (item: unknown) =>
    isRawMap(item) ? asText("name", ownValue(item, "name")) : undefined;
  const name = nameOf(items[index]);
  const earlier = items.slice(0, index).findIndex((item) => nameOf(item) === name);
  if (name === undefined || earlier < 0) return [];
  const path = ["listeners", index, "name"];
  return [useless(path, `${values.shown(path)} is the name of 'listeners[${earlier}]'`)];
}

function tlsConflicts(values: RawValues, listener: readonly PathStep[]): Conflict[] {
  const path = [...listener, "tls"];
  const keys = ["key", "min_version", "client_ca", "client_certificate", "identity", "crl"];
  const has = (key: string) => values.isGiven([...path, key]);
  if (!has("certificate")) {
    return keys.filter(has).map((key) =>
      useless([...path, key], "'tls.certificate' is missing, and without it there is no TLS")
    );
  }
  const conflicts: Conflict[] = [];
  if (!has("key")) {
    conflicts.push(useless([...path, "certificate"], "its private key, 'tls.key', is missing"));
  }
  if (!has("client_ca")) {
    const needing = ["client_certificate", "identity", "crl"].filter(has);
    conflicts.push(...needing.map((key) =>
      useless(
        [...path, key],
        "'tls.client_ca', which certificates of clients are checked with, is missing",
      )
    ));
  } else {
    const needing = ["identity", "crl"].filter((key) => has(key) && !has("client_certificate"));
    conflicts.push(...needing.map((key) =>
      useless(
        [...path, key],
        "clients are not asked for a certificate",
        "add 'client_certificate: require' (or request)",
      )
    ));
  }
  return conflicts;
}

function protocolConflicts(values: RawValues, path: readonly PathStep[]): Conflict[] {
  const conflicts: Conflict[] = [];
  if (values.at([...path, "protocol"]) !== "websocket") {
    for (const key of ["paths", "origins", "trusted_proxies"]) {
      const place = [...path, "websocket", key];
      if (!values.isGiven(place)) continue;
      conflicts.push(
        useless(place, "this listener speaks plain MQTT", "add 'protocol: websocket'"),
      );
    }
  }
  const networks = [...path, "proxy_networks"];
  if (values.isGiven(networks) && values.at([...path, "proxy_protocol"]) !== "on") {
    const reason = "this listener does not speak the PROXY protocol";
    conflicts.push(useless(networks, reason, "add 'proxy_protocol: on'"));
  }
  return conflicts;
}

function clientConflicts(values: RawValues, path: readonly PathStep[]): Conflict[] {
  const conflicts: Conflict[] = [];
  const prefixes = [...path, "clientid_prefixes"];
  if (values.isGiven(prefixes) && values.at([...path, "use_username_as_clientid"]) === true) {
    conflicts.push(useless(prefixes, "with 'use_username_as_clientid' clients choose none"));
  }
  const own = [...path, "max_packet_size"];
  const all = ["limits", "max_packet_size"];
  const [size, limit] = [sizeAt(values, own), sizeAt(values, all)];
  if (size !== undefined && limit !== undefined && size > limit) {
    const limitText = values.at(all) === undefined ? "" : `, ${values.shown(all)}`;
    conflicts.push(
      useless(own, `${values.shown(own)} is more than 'limits.max_packet_size'${limitText}`),
    );
  }
  return conflicts;
}

/** The size that is in effect, when it is one that is allowed. */
function sizeAt(values: RawValues, path: readonly PathStep[]): number | undefined {
  const row = rowAt(path);
  const result = row !== undefined && isLeaf(row) ? readLeaf(row, values.at(path)) : undefined;
  return result?.ok === true && typeof result.value === "number" ? result.value : undefined;
}
