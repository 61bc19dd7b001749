/**
 * Asks a SOCKS5 proxy for a connection (RFC 1928), with a user name and password if there is one
 * (RFC 1929).
 *
 * Owns the dialogue. The proxy resolves the name of the server. Invariant: not one byte is read that
 * comes after the proxy's last answer.
 */

import { hostAndPort, oneSpelling } from "../transport/address_text.ts";
import { type Transport, writeAll } from "../transport/transport.ts";
import { ConnectError } from "./connect_error.ts";
import type { Endpoint, ProxyOptions } from "./endpoint.ts";

const VERSION = 5;
const LOGIN_VERSION = 1;
const Method = { None: 0, UsernamePassword: 2, NotAcceptable: 0xff } as const;
const CONNECT = 1;
const AddressType = { IPv4: 1, Name: 3, IPv6: 4 } as const;

/** Answers to a request, by their number (RFC 1928 section 6). */
const REFUSALS: readonly string[] = [
  "",
  "the proxy failed",
  "the proxy does not allow this connection",
  "the proxy cannot reach the network of the server",
  "the proxy cannot reach the server",
  "the server refused the connection; is a broker running there?",
  "the way to the server is too long",
  "the proxy makes no connections",
  "the proxy does not know this kind of address",
];

type Stream = Pick<Transport, "read" | "write">;

/** What follows is between us and the server. Rejects with a `ConnectError`. */
export async function passSocksProxy(stream: Stream, endpoint: Endpoint): Promise<void> {
  const { host, port, proxy } = endpoint;
  if (proxy === undefined) return;
  const dialogue = new Dialogue(stream, (why) => {
    const through = `through the proxy ${hostAndPort(proxy.host, proxy.port)}`;
    return new ConnectError(
      "proxy",
      `Cannot connect to ${hostAndPort(host, port)} ${through}: ${why}`,
    );
  });
  await logIn(dialogue, proxy);
  await requestConnection(dialogue, host, port);
}

/** Questions and answers; `failure` makes the error. */
class Dialogue {
  readonly #stream: Stream;
  readonly failure: (why: string) => ConnectError;

  constructor(stream: Stream, failure: (why: string) => ConnectError) {
    this.#stream = stream;
    this.failure = failure;
  }

  send(...bytes: number[]): Promise<void> {
    return writeAll(this.#stream, Uint8Array.from(bytes));
  }

  /** Exactly `count` bytes. */
  async read(count: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(count);
    for (let filled = 0; filled < count;) {
      const read = await this.#stream.read(bytes.subarray(filled));
      if (read === null) throw this.failure("the proxy closed the connection");
      filled += read;
    }
    return bytes;
  }
}

async function logIn(dialogue: Dialogue, { username, password }: ProxyOptions): Promise<void> {
  const methods = username === undefined ? [Method.None] : [Method.None, Method.UsernamePassword];
  await dialogue.send(VERSION, methods.length, ...methods);
  const [version, method] = await dialogue.read(2);
  if (version !== VERSION) throw dialogue.failure("what answers is not a SOCKS5 proxy");
  if (method === Method.None) return;
  if (method !== Method.UsernamePassword || username === undefined) {
    throw dialogue.failure(
      username === undefined
        ? "the proxy wants a user name and password"
        : "the proxy takes no user name and password",
    );
  }
  const name = shortText(dialogue, "user name", username);
  const secret = shortText(dialogue, "password", password ?? "");
  await dialogue.send(LOGIN_VERSION, ...name, ...secret);
  const [, status] = await dialogue.read(2);
  if (status !== 0) throw dialogue.failure("the proxy does not accept the user name and password");
}

async function requestConnection(dialogue: Dialogue, host: string, port: number): Promise<void> {
  const address = addressOf(dialogue, host);
  await dialogue.send(VERSION, CONNECT, 0, ...address, port >> 8, port & 0xff);
  const [version, reply = 0, , type = 0] = await dialogue.read(4);
  if (version !== VERSION) throw dialogue.failure("the proxy's answer is not one of SOCKS5");
  if (reply !== 0) throw dialogue.failure(REFUSALS[reply] ?? `the proxy answered ${reply}`);
  const length = type === AddressType.IPv4
    ? 4
    : type === AddressType.IPv6
    ? 16
    : (await dialogue.read(1))[0] ?? 0;
  // Where the proxy connects from means nothing to us.
  await dialogue.read(length + 2);
}

function addressOf(dialogue: Dialogue, host: string): number[] {
  if (/^\d+(?:\.\d+){3}$/.test(host)) return [AddressType.IPv4, ...host.split(".").map(Number)];
  if (host.includes(":")) return [AddressType.IPv6, ...ipv6Bytes(host)];
  return [AddressType.Name, ...shortText(dialogue, "host name", host)];
}

/** Text with its length before it, in one byte. */
function shortText(dialogue: Dialogue, what: string, text: string): number[] {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > 255) {
    throw dialogue.failure(`the ${what} has ${bytes.length} bytes, SOCKS5 takes 255 at most`);
  }
  return [bytes.length, ...bytes];
}

/** The sixteen bytes of an address. */
function ipv6Bytes(address: string): number[] {
  const spelling = oneSpelling(address.replace(/%.*$/, ""));
  if (!spelling.includes(":")) {
    return [...new Array(10).fill(0), 0xff, 0xff, ...spelling.split(".").map(Number)];
  }
  const [before = "", after = ""] = spelling.split("::");
  const groups = (text: string) => text === "" ? [] : text.split(":");
  const tail = groups(after);
  const head = groups(before);
  const zeros = new Array(8 - head.length - tail.length).fill("0");
  return [...head, ...zeros, ...tail].flatMap((group) => {
    const value = parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
