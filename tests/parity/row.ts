/**
 * One row of the parity table: a flag of a Mosquitto tool, how it is tried, and what must come of it.
 *
 * Owns the shape; the rows are in rows_*.ts. Invariant: what ours does differently stands in the row,
 * with the reason.
 */

import type { ServerScript } from "./recording_server.ts";
import type { UnreadOutput } from "./run_tool.ts";

export type Tool = "pub" | "sub" | "rr" | "passwd";

/** What a run ends with. What is left out is not looked at, but for the exit code, which is then 0. */
export interface Expected {
  /** Several: which one it is depends on how fast the other end is. */
  readonly code?: number | readonly number[];
  /** Exactly, bytes as characters U+0000 to U+00FF, or a pattern. */
  readonly stdout?: string | RegExp;
  /** A pattern of standard error. */
  readonly says?: RegExp;
  /** What the server was sent, as lines of packet_line.ts. See `exact`. */
  readonly sent?: readonly string[];
  /** Text, or a pattern of it, by path in the run's folder; `null`: no such file. */
  readonly files?: Readonly<Record<string, string | RegExp | null>>;
  /** What the TLS ClientHello must contain. */
  readonly hello?: string;
}

export interface ParityRow {
  readonly tool: Tool;
  /** As in the table of the README: "-q, --qos". */
  readonly flag: string;
  /** The first Mosquitto that has it. */
  readonly since: "2.0" | "2.1";
  /** What is tried, to complete the test's name. */
  readonly what: string;
  /**
   * `{port}`, `{folder}`, `{proxy}`, `{ca}`, `{cert}`, `{key}` are put in. They come after the address
   * and `-V 5 -i c`, unless `bare`.
   */
  readonly args: readonly string[];
  readonly bare?: boolean;
  /** `sent` has DISCONNECT and Receive Maximum too, unless it is 20, Mosquitto's default. */
  readonly exact?: boolean;
  readonly script?: ServerScript;
  /** A SOCKS5 server stands between; with or without a password. */
  readonly proxy?: "open" | "password";
  readonly stdin?: string | Uint8Array;
  readonly stdoutIs?: UnreadOutput;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Of Mosquitto, and of ours where `ours` says nothing else. */
  readonly expected: Expected;
  /** What of it is different with ours, and why. */
  readonly ours?: Expected;
  readonly why?: string;
  /** An executable on an older Deno cannot do it: there, saying so is right too. */
  readonly needsDeno?: "2.9";
  /** From this version on, Mosquitto does what ours does. */
  readonly until?: "2.1";
}

/** What a row may say beside its tool, flag, meaning, arguments and result. */
export type RowDetails = Partial<Omit<ParityRow, "tool" | "flag" | "what" | "args" | "expected">>;

/** Makes a row. Arguments are a list, or words between blanks. */
export interface RowMaker {
  (
    flag: string,
    what: string,
    args: string | readonly string[],
    expected: Expected,
    details?: RowDetails,
  ): ParityRow;
}

export function rowsOf(tool: Tool): RowMaker {
  return (flag, what, args, expected, details = {}) => ({
    tool,
    flag,
    what,
    args: typeof args === "string" ? args.split(" ") : args,
    expected,
    since: "2.0",
    ...details,
  });
}

/** CONNECT of a row that is not `bare`. */
export const CONNECT = "CONNECT v5 'c'";

/** What each tool is asked to do where only the connection matters, and the packets after CONNECT. */
const ERRANDS = {
  pub: { args: ["-t", "t", "-m", "m"], sent: ["PUBLISH 't' q0 'm'"] },
  sub: { args: ["-t", "t", "-E"], sent: ["SUBSCRIBE 't' q0"] },
  rr: {
    args: ["-t", "t", "-e", "r", "-m", "m"],
    sent: ["SUBSCRIBE 'r' q0", "PUBLISH 't' q0 'm' responseTopic='r'"],
  },
} as const;

/** A flag that all three clients have, once for each; `connect` is the line of CONNECT. */
export function rowsOfClients(
  flag: string,
  what: string,
  args: string,
  connect: string,
  details: RowDetails = {},
): ParityRow[] {
  return (["pub", "sub", "rr"] as const).map((tool) => {
    const errand = ERRANDS[tool];
    const words = args.split(" ").filter((word) => word !== "");
    const script = { ...details.script, ...(tool === "rr" ? { response: "a" } : {}) };
    const isV5 = connect.includes(" v5 ");
    // MQTT 3.1.1 has no Response Topic, and the server answers on a topic of its own.
    const isOldRequest = tool === "rr" && !isV5;
    const errandArgs = isOldRequest ? ["-t", "t", "-e", "response", "-m", "m"] : errand.args;
    const sent = isOldRequest ? ["SUBSCRIBE 'response' q0", "PUBLISH 't' q0 'm'"] : errand.sent;
    const connects = details.proxy === undefined ? [connect] : connect.split("\n");
    return rowsOf(tool)(flag, what, [...errandArgs, ...words], {
      sent: [...connects, ...sent],
    }, { ...details, script });
  });
}

/** Arguments that all three clients refuse, or fail with: nothing is sent. */
export function failuresOfClients(
  flag: string,
  what: string,
  args: string,
  code: number | readonly number[] = 1,
  details: RowDetails = {},
): ParityRow[] {
  return (["pub", "sub", "rr"] as const).map((tool) =>
    rowsOf(tool)(
      flag,
      what,
      [...ERRANDS[tool].args, ...args.split(" ")],
      { code, sent: [] },
      details,
    )
  );
}
