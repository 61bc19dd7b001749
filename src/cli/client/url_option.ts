/**
 * `-L` and `--proxy`: everything about a server in one word.
 *
 * Owns the forms. User name and password may be percent-encoded; a '%' that encodes nothing stands
 * for itself, as in Mosquitto. The topic is taken as it is.
 */

import type { ProxyOptions } from "../../client/endpoint.ts";
import { notAmong, UsageError, wholeNumber } from "./usage_error.ts";

/** What `-L` says. */
export interface BrokerUrl {
  readonly isTls: boolean;
  readonly isWebSocket: boolean;
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly topic: string;
}

const SCHEMES: Readonly<Record<string, Pick<BrokerUrl, "isTls" | "isWebSocket" | "port">>> = {
  mqtt: { isTls: false, isWebSocket: false, port: 1883 },
  mqtts: { isTls: true, isWebSocket: false, port: 8883 },
  ws: { isTls: false, isWebSocket: true, port: 1883 },
  wss: { isTls: true, isWebSocket: true, port: 8883 },
};

const URL_FORM = "mqtt://user:password@host:port/topic";
const PROXY_FORM = "socks5h://user:password@host:port";
const PROXY_PORT = 1080;

/** Reads the value of `-L`; throws `UsageError`. */
export function parseBrokerUrl(text: string): BrokerUrl {
  const [scheme, rest] = splitScheme("-L", text, URL_FORM);
  const kind = SCHEMES[scheme];
  if (kind === undefined) throw notAmong("the scheme of '-L'", scheme, Object.keys(SCHEMES));
  const slash = rest.indexOf("/");
  const topic = slash < 0 ? "" : rest.slice(slash + 1);
  if (topic === "") {
    throw new UsageError(`'-L' does not say which topic is meant: it takes ${URL_FORM}`);
  }
  return { ...kind, ...parseAuthority("-L", rest.slice(0, slash), kind.port), topic };
}

/** Reads the value of `--proxy`; throws `UsageError`. */
export function parseProxyUrl(text: string): ProxyOptions {
  const [scheme, rest] = splitScheme("--proxy", text, PROXY_FORM);
  // With the others of curl the client would resolve the host name, or there is no user name.
  if (scheme !== "socks5h") throw notAmong("the scheme of '--proxy'", scheme, ["socks5h"]);
  return parseAuthority("--proxy", rest.replace(/\/$/, ""), PROXY_PORT);
}

function splitScheme(flag: string, text: string, form: string): [scheme: string, rest: string] {
  const found = /^([a-z][a-z\d+.-]*):\/\/(.*)$/is.exec(text);
  if (found === null) throw new UsageError(`'${flag}' does not take '${text}': it takes ${form}`);
  return [(found[1] ?? "").toLowerCase(), found[2] ?? ""];
}

function parseAuthority(flag: string, text: string, defaultPort: number): ProxyOptions {
  const at = text.lastIndexOf("@");
  const login = at < 0 ? undefined : text.slice(0, at);
  const colon = login?.indexOf(":") ?? -1;
  const place = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(text.slice(at + 1));
  const host = place?.[1]?.replace(/^\[|\]$/g, "") ?? "";
  if (host === "") throw new UsageError(`'${flag}' does not say which host is meant`);
  const port = place?.[2];
  return {
    host,
    port: port === undefined ? defaultPort : wholeNumber(`${flag}: port`, port, 1, 65_535),
    username: login === undefined ? undefined : decode(colon < 0 ? login : login.slice(0, colon)),
    password: login === undefined || colon < 0 ? undefined : decode(login.slice(colon + 1)),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
