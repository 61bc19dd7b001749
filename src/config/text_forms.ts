/**
 * What each form of text allows, and the words for it.
 *
 * Owns the check of single texts. Invariant: a fault never repeats the text it is about, which may
 * be a secret or a password that was put into the wrong place.
 */

import { parseNetwork } from "../access/network.ts";
import { parsePasswordHash, PasswordHashError } from "../access/password_hash.ts";
import { parseScramVerifier, ScramVerifierError } from "../access/scram_verifier.ts";
import { topicNameFault } from "../protocol/topic.ts";
import { isAddress } from "./address.ts";
import { ruleTextFault } from "./rule_text.ts";
import type { TextForm } from "./text_form.ts";

/** The longest path of a Unix socket in bytes: `sun_path` without its final zero byte. */
export const MAX_SOCKET_PATH_BYTES = 107;

/** The longest text MQTT can carry, in bytes of UTF-8. */
const MAX_MQTT_TEXT_BYTES = 65_535;

interface Form {
  /** What is allowed, for the end of an error. */
  readonly allowed: string;
  /** What is wrong, "" when the name of the form says it; undefined when nothing is. */
  fault(text: string): string | undefined;
  /** Whole numbers are meant as text: YAML reads 1883 as a number. */
  readonly takesNumbers?: boolean;
  /** May be empty; then it is as good as not given. */
  readonly mayBeEmpty?: boolean;
  readonly hint?: string;
}

const NAME: Form = {
  allowed: "text of 1 to 200 characters without control characters",
  fault: (text) => wrongUnless(isPlainText(text) && text.length <= 200),
};

const FORMS: Readonly<Record<TextForm, Form>> = {
  account: {
    allowed: "the name of a user or group of this machine, or its number",
    fault: (text) => wrongUnless(/^(\d{1,10}|[A-Za-z_][\w.-]{0,31}\$?)$/.test(text)),
    takesNumbers: true,
  },
  address: {
    allowed: 'an IP address, a host name, or "all"',
    fault: (text) => wrongUnless(isAddress(text)),
  },
  claim: NAME,
  "client identifier": {
    allowed: "1 to 65535 bytes of text without control characters",
    fault: mqttTextFault,
  },
  "file path": { allowed: "a path", fault: (text) => wrongUnless(isPath(text)) },
  header: {
    allowed: "text in one line",
    fault: (text) => wrongUnless(/^[\x21-\x7e][\x20-\x7e\t]*$/.test(text)),
  },
  mode: {
    allowed: "three octal digits in quotes: owner, group, others",
    fault: (text) => wrongUnless(/^0?[0-7]{3}$/.test(text)),
    hint: 'put it into quotes, as in "0660"',
  },
  name: { ...NAME, takesNumbers: true },
  network: {
    allowed: "an IP address, or a range as in 192.168.0.0/16 or fd00::/8",
    fault: (text) => wrongUnless(parseNetwork(text) !== undefined),
  },
  origin: {
    allowed: "http:// or https://, a host and perhaps a port, as browsers send it",
    fault: (text) => wrongUnless(isOrigin(text)),
    hint: "write it as in https://example.org or http://192.168.1.5:8080, without a path",
  },
  "password hash": {
    allowed: "a hash as 'broker passwd' makes it",
    fault: passwordHashFault,
    hint: "run 'broker passwd' to make one",
  },
  "request path": {
    allowed: "a path of a URL, from its first '/'",
    fault: (text) => wrongUnless(/^\/[\w\-.~!$&'()*+,;=:@%/]*$/.test(text)),
  },
  rule: {
    allowed: "publish, subscribe or readwrite, a space, and a Topic Filter",
    fault: ruleTextFault,
  },
  "SCRAM verifier": {
    allowed: "SCRAM-SHA-256$... as 'broker passwd --scram' makes it",
    fault: scramFault,
    hint: "run 'broker passwd --scram USER' to make one",
  },
  secret: { allowed: "text", fault: (text) => wrongUnless(text !== "") },
  "socket path": {
    allowed: `a path of at most ${MAX_SOCKET_PATH_BYTES} bytes`,
    fault: (text) => wrongUnless(isPath(text) && byteLength(text) <= MAX_SOCKET_PATH_BYTES),
  },
  text: { allowed: "text", fault: (text) => wrongUnless(text.trim() !== "") },
  "topic prefix": {
    allowed: "the beginning of topics, as in garden/, without '+' and '#'",
    fault: topicPrefixFault,
    mayBeEmpty: true,
  },
  URL: {
    allowed: "a URL that begins with http:// or https://",
    fault: urlFault,
  },
  "user name": {
    allowed: "1 to 65535 bytes of text without control characters",
    fault: mqttTextFault,
  },
};

/** What is wrong with a text; "" when the name of its form says it all; undefined: nothing is. */
export function textFault(form: TextForm, text: string): string | undefined {
  const { fault, mayBeEmpty } = FORMS[form];
  return text === "" && mayBeEmpty === true ? undefined : fault(text);
}

/** The text that a value stands for; undefined when it is none. */
export function asText(form: TextForm, value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const isNumber = FORMS[form].takesNumbers === true && Number.isSafeInteger(value);
  return isNumber ? String(value) : undefined;
}

/** What a form allows, for the end of an error. */
export function formAllows(form: TextForm): string {
  return FORMS[form].allowed;
}

/** Whether a form takes whole numbers for text. */
export function takesNumbers(form: TextForm): boolean {
  return FORMS[form].takesNumbers === true;
}

/** Whether a form allows a text without any character. */
export function mayBeEmpty(form: TextForm): boolean {
  return FORMS[form].mayBeEmpty === true;
}

/** What to do about a text that its form does not allow, whatever it is. */
export function formHint(form: TextForm): string | undefined {
  return FORMS[form].hint;
}

function wrongUnless(isRight: boolean): string | undefined {
  return isRight ? undefined : "";
}

function isPath(text: string): boolean {
  return text.trim() !== "" && !text.includes("\0");
}

function isPlainText(text: string): boolean {
  return text.trim() !== "" && !/\p{Cc}/u.test(text) && text.isWellFormed();
}

function mqttTextFault(text: string): string | undefined {
  if (text === "" || /\p{Cc}/u.test(text) || !text.isWellFormed()) return "";
  const length = byteLength(text);
  return length <= MAX_MQTT_TEXT_BYTES ? undefined : `it has ${length} bytes`;
}

function passwordHashFault(text: string): string | undefined {
  try {
    parsePasswordHash(text);
    return undefined;
  } catch (error) {
    if (error instanceof PasswordHashError) return error.message;
    throw error;
  }
}

function scramFault(text: string): string | undefined {
  try {
    parseScramVerifier(text);
    return undefined;
  } catch (error) {
    if (error instanceof ScramVerifierError) return error.message;
    throw error;
  }
}

function isOrigin(text: string): boolean {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return false;
  const { origin } = new URL(text);
  return origin === text.toLowerCase();
}

function topicPrefixFault(text: string): string | undefined {
  if (text.startsWith("$")) return "it begins with '$'";
  // "#" of such a client is "garden/#"; without the "/" it would be no Topic Filter.
  return topicNameFault(text) ?? (text.endsWith("/") ? undefined : "it does not end with '/'");
}

function urlFault(text: string): string | undefined {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return "";
  const { username, password } = new URL(text);
  return username === "" && password === ""
    ? undefined
    : "it has a user or a password in it; 'authorization' is the place for them";
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
