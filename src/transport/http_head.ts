/**
 * The head of an HTTP/1.1 request: request line and headers (RFC 9112), read strictly.
 *
 * Owns the syntax. Pure. Bodies are not read: nobody who may be served sends one. Invariant: two
 * readers cannot understand a head that is taken here in two ways, so bare line feeds, folded lines
 * and spaces before colons are refused.
 */

/** The longest head that is taken, its last empty line included. */
export const MAX_HEAD_BYTES = 8192;

export interface HttpHead {
  /** Bytes of the head; what follows is what the client sends next. */
  readonly length: number;
  readonly method: string;
  /** The path of the target, without the query. */
  readonly path: string;
  /** By name in lower case; the values of a repeated header are joined with ", ". */
  readonly headers: ReadonlyMap<string, string>;
}

/** Why a request is not served, as it is answered. */
export class HttpRefusal extends Error {
  override name = "HttpRefusal";
  /** The status code. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\/[!-~]*) HTTP\/1\.1$/;
const HEADER_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~\x80-\xff]*?)[ \t]*$/;

/** Undefined: the end of the head is not in `bytes` yet. Throws an `HttpRefusal`. */
export function parseHttpHead(bytes: Uint8Array): HttpHead | undefined {
  checkStart(bytes);
  const length = endOfHead(bytes);
  if (length === undefined) {
    if (bytes.length < MAX_HEAD_BYTES) return undefined;
    throw new HttpRefusal(431, `The head of the request is longer than ${MAX_HEAD_BYTES} bytes`);
  }
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, length - 4));
  const [requestLine = "", ...lines] = text.split("\r\n");
  const parts = REQUEST_LINE.exec(requestLine);
  if (parts === null) throw new HttpRefusal(400, "The request line is not one of HTTP/1.1");
  const [, method = "", target = ""] = parts;
  const [path = ""] = target.split("?", 1);
  return { length, method, path, headers: parseHeaders(lines) };
}

/** Recognizes from the first byte who is at the wrong port. */
function checkStart(bytes: Uint8Array): void {
  const [first = 71] = bytes;
  if (first === 0x16) {
    throw new HttpRefusal(400, "The client begins with TLS, but this listener has no certificate");
  }
  if (first === 0x10) {
    throw new HttpRefusal(400, "The client speaks MQTT without WebSocket");
  }
  if (first < 0x21 || first > 0x7e) {
    throw new HttpRefusal(400, "The request is not one of HTTP/1.1");
  }
}

/** The bytes up to the end of the empty line; undefined: it is not there yet. */
export function endOfHead(bytes: Uint8Array): number | undefined {
  const end = Math.min(bytes.length, MAX_HEAD_BYTES);
  for (let at = bytes.indexOf(13); at !== -1 && at + 3 < end; at = bytes.indexOf(13, at + 1)) {
    if (bytes[at + 1] === 10 && bytes[at + 2] === 13 && bytes[at + 3] === 10) return at + 4;
  }
  return undefined;
}

/** By name in lower case. Throws an `HttpRefusal` when a line is malformed. */
export function parseHeaders(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const parts = HEADER_LINE.exec(line);
    if (parts === null) throw new HttpRefusal(400, "A header of the request is malformed");
    const [, name = "", value = ""] = parts;
    const key = name.toLowerCase();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}

/** The items of a list such as "mqtt, mqttv3.1", as written. */
export function listItems(value: string | undefined): string[] {
  return (value ?? "").split(",").map((item) => item.trim()).filter((item) => item !== "");
}
