/**
 * The flags of publishing: topic, payload from everywhere, QoS, retain, repetition.
 */

import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { CONNECT, type ParityRow, rowsOf } from "./row.ts";

const pub = rowsOf("pub");

const BINARY = new Uint8Array([0, 255, 10, 13, 128]);

export const PUB_ROWS: readonly ParityRow[] = [
  pub("-t, --topic", "names the topic", "--topic home/temp -m m", {
    sent: [CONNECT, "PUBLISH 'home/temp' q0 'm'"],
  }),
  pub("-t, --topic", "refuses wildcards", "-t home/# -m m", { code: 1, sent: [] }),
  pub("-t, --topic", "must be there", "-m m", { code: 1, sent: [] }),
  pub("-m, --message", "gives the payload", ["-t", "t", "--message", "21.5 \u00b0C"], {
    sent: [CONNECT, "PUBLISH 't' q0 '21.5 \u00b0C'"],
  }),
  pub("-m, --message", "may be empty", ["-t", "t", "-m", ""], {
    sent: [CONNECT, "PUBLISH 't' q0 ''"],
  }),
  pub("-m, --message", "or another payload must be there", "-t t", { code: 1, sent: [] }),
  pub("-m, --message", "goes with no other payload", "-t t -m m -n", { code: 1, sent: [] }),
  pub("-n, --null-message", "sends an empty payload", "-t t -n", {
    sent: [CONNECT, "PUBLISH 't' q0 ''"],
  }),
  pub("-n, --null-message", "takes the long name", "-t t -r --null-message", {
    sent: [CONNECT, "PUBLISH 't' q0 retain ''"],
  }),
  pub("-f, --file", "sends a file, byte for byte", "-t t -f {folder}/payload", {
    sent: [CONNECT, "PUBLISH 't' q0 0x00ff0a0d80"],
  }, { files: { payload: BINARY } }),
  pub("-f, --file", "takes the long name", "-t t --file {folder}/payload", {
    sent: [CONNECT, "PUBLISH 't' q0 'content'"],
  }, { files: { payload: "content" } }),
  pub("-f, --file", "fails when the file is not there", "-t t -f {folder}/missing", {
    code: 1,
    sent: [],
  }),
  pub("-s, --stdin-file", "sends all of standard input", "-t t -s", {
    sent: [CONNECT, "PUBLISH 't' q0 0x00ff0a0d80"],
  }, { stdin: BINARY }),
  pub("-s, --stdin-file", "takes the long name", "-t t --stdin-file", {
    sent: [CONNECT, "PUBLISH 't' q0 'content'"],
  }, { stdin: "content" }),
  pub("-l, --stdin-line", "sends each line", "-t t -l", {
    sent: [CONNECT, "PUBLISH 't' q0 'one'", "PUBLISH 't' q0 ''", "PUBLISH 't' q0 'three 3'"],
  }, { stdin: "one\n\nthree 3\n" }),
  pub("-l, --stdin-line", "sends each line with QoS 1", "-t t --stdin-line -q 1", {
    sent: [CONNECT, "PUBLISH 't' q1 'one'", "PUBLISH 't' q1 'two'"],
  }, { stdin: "one\ntwo\n" }),
  pub("-l, --stdin-line", "sends a last line without an end", "-t t -l", {
    sent: [CONNECT, "PUBLISH 't' q0 'one'", "PUBLISH 't' q0 'two'"],
  }, { stdin: "one\ntwo" }),
  pub("-q, --qos", "publishes with QoS 0, 1 and 2", "-t t -m m -q 2", {
    sent: [CONNECT, "PUBLISH 't' q2 'm'"],
  }),
  pub("-q, --qos", "takes the long name", "-t t -m m --qos 1", {
    sent: [CONNECT, "PUBLISH 't' q1 'm'"],
  }),
  pub("-q, --qos", "refuses 3", "-t t -m m -q 3", { code: 1, sent: [] }),
  pub("-q, --qos", "ends when PUBACK refuses", "-t t -m m -q 1", {
    sent: [CONNECT, "PUBLISH 't' q1 'm'"],
    says: /not authorized/i,
  }, { script: { pubackCode: ReasonCode.NotAuthorized } }),
  pub("-r, --retain", "makes the message retained", "-t t -m m -r", {
    sent: [CONNECT, "PUBLISH 't' q0 retain 'm'"],
  }),
  pub("-r, --retain", "takes the long name", "-t t -m m --retain", {
    sent: [CONNECT, "PUBLISH 't' q0 retain 'm'"],
  }),
  pub("--repeat", "publishes several times", "-t t -m m --repeat 3", {
    sent: [CONNECT, "PUBLISH 't' q0 'm'", "PUBLISH 't' q0 'm'", "PUBLISH 't' q0 'm'"],
  }),
  pub("--repeat", "publishes several times with QoS 2", "-t t -m m --repeat 2 -q 2", {
    sent: [CONNECT, "PUBLISH 't' q2 'm'", "PUBLISH 't' q2 'm'"],
  }),
  pub("--repeat", "refuses 0", "-t t -m m --repeat 0", { code: 1, sent: [] }),
  pub("--repeat-delay", "waits in between", "-t t -m m --repeat 2 --repeat-delay 0.05", {
    sent: [CONNECT, "PUBLISH 't' q0 'm'", "PUBLISH 't' q0 'm'"],
  }),
  pub("--repeat-delay", "refuses less than 0", "-t t -m m --repeat 2 --repeat-delay -1", {
    code: 1,
    sent: [],
  }),
];
