/**
 * The flags of request and response.
 */

import type { ServerScript } from "./recording_server.ts";
import { CONNECT, type ParityRow, rowsOf } from "./row.ts";

const rr = rowsOf("rr");

const ANSWER: ServerScript = { response: "answer" };
const REQUEST = ["SUBSCRIBE 'r' q0", "PUBLISH 't' q0 'm' responseTopic='r'"];

export const RR_ROWS: readonly ParityRow[] = [
  rr("-e", "waits for the response", "-t t -e r -m m", {
    stdout: "answer\n",
    sent: [CONNECT, ...REQUEST],
  }, { script: ANSWER }),
  rr("-e", "must be there", "-t t -m m", { code: 1, sent: [] }),
  rr("-e", "refuses wildcards", "-t t -e r/# -m m", { code: 1, sent: [] }),
  rr("-e", "works with MQTT 3.1.1", "-t t -e response -m m -V 311", {
    stdout: "answer\n",
    sent: ["CONNECT v4 'c'", "SUBSCRIBE 'response' q0", "PUBLISH 't' q0 'm'"],
  }, { script: ANSWER }),
  rr("-t, --topic", "must be there", "-e r -m m", { code: 1, sent: [] }),
  rr("-m, --message", "or another payload must be there", "-t t -e r", { code: 1, sent: [] }),
  rr("-q, --qos", "is that of both", "-t t -e r -m m -q 1", {
    stdout: "answer\n",
    sent: [CONNECT, "SUBSCRIBE 'r' q1", "PUBLISH 't' q1 'm' responseTopic='r'"],
  }, { script: ANSWER }),
  rr("-n, --null-message", "sends an empty request", "-t t -e r -n", {
    stdout: "answer\n",
    sent: [CONNECT, "SUBSCRIBE 'r' q0", "PUBLISH 't' q0 '' responseTopic='r'"],
  }, { script: ANSWER }),
  rr("-f, --file", "sends a file", "-t t -e r -f {folder}/payload", {
    stdout: "answer\n",
    sent: [CONNECT, "SUBSCRIBE 'r' q0", "PUBLISH 't' q0 'content' responseTopic='r'"],
  }, { script: ANSWER, files: { payload: "content" }, since: "2.1" }),
  rr("-s, --stdin-file", "sends standard input", "-t t -e r -s", {
    stdout: "answer\n",
    sent: [CONNECT, "SUBSCRIBE 'r' q0", "PUBLISH 't' q0 'content' responseTopic='r'"],
  }, { script: ANSWER, stdin: "content", since: "2.1" }),
  rr("-v, --verbose", "prints the topic", "-t t -e r -m m -v", { stdout: "r answer\n" }, {
    script: ANSWER,
  }),
  rr("-N", "prints no end of line", "-t t -e r -m m -N", { stdout: "answer" }, { script: ANSWER }),
  rr("-F", "prints in a form", "-t t -e r -m m -F %t:%p:%q", { stdout: "r:answer:0\n" }, {
    script: ANSWER,
  }),
  rr("--pretty", "prints JSON in lines", "-t t -e r -m m -F %j --pretty", {
    stdout: /^\{\n\t"tst":\t"[^]*\n\t"payload":\t"answer"\n\}\n$/,
  }, { script: ANSWER }),
  rr("-W", "ends after so many seconds with 27", "-t t -e r -m m -W 1", {
    code: 27,
    stdout: "",
    sent: [CONNECT, ...REQUEST],
  }),
  rr("-R", "is taken", "-t t -e r -m m -R", { stdout: "answer\n" }, { script: ANSWER }),
  rr("--retain-as-published", "is taken", "-t t -e r -m m --retain-as-published", {
    stdout: "answer\n",
  }, { script: ANSWER }),
  rr("--retain-handling", "is taken", "-t t -e r -m m --retain-handling new", {
    stdout: "answer\n",
  }, { script: ANSWER, since: "2.1" }),
  rr("--latency", "prints how long it took", "-t t -e r -m m --latency", {
    stdout: /answer\n[^]*\d/,
  }, { script: ANSWER, since: "2.1" }),
];
