/**
 * Options files: those of the home folder, and `-o`.
 */

import { CONNECT, type ParityRow, rowsOf } from "./row.ts";

const pub = rowsOf("pub");
const sub = rowsOf("sub");
const rr = rowsOf("rr");

const FILE = "options file";
const PUBLISH = "PUBLISH 't' q0 'from the file'";
const OPTIONS = "# A comment\n-t t\n-m from the file\n\n";

export const OPTIONS_FILE_ROWS: readonly ParityRow[] = [
  pub(FILE, "is read from ~/.config", "-r", {
    sent: [CONNECT, "PUBLISH 't' q0 retain 'from the file'"],
  }, {
    files: { ".config/mosquitto_pub": OPTIONS },
  }),
  pub(FILE, "is read from XDG_CONFIG_HOME", "-q 0", { sent: [CONNECT, PUBLISH] }, {
    files: { "xdg/mosquitto_pub": OPTIONS },
    env: { XDG_CONFIG_HOME: "xdg" },
  }),
  pub(FILE, "may end its lines as Windows does", "-q 0", { sent: [CONNECT, PUBLISH] }, {
    files: { ".config/mosquitto_pub": OPTIONS.replaceAll("\n", "\r\n") },
  }),
  pub(FILE, "gives way to the command line", "-q 2", { sent: [CONNECT, "PUBLISH 't' q2 'm'"] }, {
    files: { ".config/mosquitto_pub": "-q 1\n-t t\n-m m\n" },
  }),
  pub(FILE, "with an unknown flag is an error", "-t t -m m", { code: 1, sent: [] }, {
    files: { ".config/mosquitto_pub": "--wrong\n" },
  }),
  sub(FILE, "is mosquitto_sub's own", "-E", { sent: [CONNECT, "SUBSCRIBE 't' q1"] }, {
    files: { ".config/mosquitto_sub": "-t t\n-q 1\n", ".config/mosquitto_pub": "--wrong\n" },
  }),
  sub(FILE, "may have a form with blanks", "-t t -C 1", { stdout: "t m 0\n" }, {
    files: { ".config/mosquitto_sub": "-F %t %p %q\n" },
    script: { messages: [{}] },
  }),
  rr(FILE, "is mosquitto_rr's own", "-m m", { stdout: "a\n" }, {
    files: { ".config/mosquitto_rr": "-t t\n-e r\n" },
    script: { response: "a" },
  }),
  pub("-o", "names an options file", "-o {folder}/mine", { sent: [CONNECT, PUBLISH] }, {
    files: { mine: OPTIONS, ".config/mosquitto_pub": "--wrong\n" },
    since: "2.1",
  }),
  sub(
    "-o",
    "names an options file",
    "-o {folder}/mine -E",
    { sent: [CONNECT, "SUBSCRIBE 't' q0"] },
    {
      files: { mine: "-t t\n" },
      since: "2.1",
    },
  ),
  rr("-o", "names an options file", "-o {folder}/mine", { stdout: "a\n" }, {
    files: { mine: "-t t\n-e r\n-m m\n" },
    script: { response: "a" },
    since: "2.1",
  }),
];
