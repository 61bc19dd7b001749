/**
 * Converts what Mosquitto logs, how, and where to.
 *
 * Owns the way from its list of types to one level, and from its destinations to ours. A log file in
 * Mosquitto's own folder is not taken over: the account of the broker may not write there, and the
 * folder goes when Mosquitto is removed.
 */

import { carry, type Conversion } from "./conversion.ts";
import { placeText } from "./input_files.ts";
import type { ConfEntry } from "./conf_reader.ts";

export function convertLogging(conversion: Conversion): void {
  convertTypes(conversion);
  convertDestinations(conversion);
  const { model } = conversion;
  const messages = model.options.get("connection_messages");
  if (messages !== undefined) convertMessages(conversion, messages);
  const timestamp = model.options.get("log_timestamp");
  if (timestamp !== undefined) {
    carry(conversion, timestamp, "logging", "timestamps", timestamp.value.flag ? "iso" : "none");
  }
  const format = model.options.get("log_timestamp_format");
  if (format !== undefined) {
    const text = "lines begin with the local time in ISO 8601: logging.timestamps";
    conversion.findings.changed(format, text);
  }
}

function convertMessages(conversion: Conversion, entry: ConfEntry): void {
  if (entry.value.flag) return conversion.findings.carried(entry, "it is so here");
  const levels = conversion.draft.section("logging").section("levels");
  levels.put("client", "warning", placeText(entry.place));
  conversion.findings.carried(entry, "logging.levels.client: warning");
}

/** What each type asks for; undefined: it is no level. */
const LEVELS: Readonly<Record<string, string>> = {
  all: "debug",
  debug: "debug",
  information: "info",
  notice: "info",
  warning: "warning",
  error: "error",
  none: "error",
};

/** From the one that logs most. */
const ORDER = ["debug", "info", "warning", "error"];

function convertTypes({ model, draft, findings }: Conversion): void {
  const { logTypes } = model;
  // "none" takes back what was asked for before it.
  const none = logTypes.findLastIndex(({ value }) => value.text === "none");
  const inForce = logTypes.filter((_, index) => index >= none);
  const asked = inForce.map(({ value }) => LEVELS[value.text]);
  const level = ORDER.find((name) => asked.includes(name));
  const [first] = inForce.filter(({ value }) => LEVELS[value.text] === level);
  if (level !== undefined && first !== undefined) {
    draft.section("logging").put("level", level, placeText(first.place));
  }
  for (const entry of logTypes) {
    const { text } = entry.value;
    if (!inForce.includes(entry)) findings.dropped(entry, "a later 'log_type none' takes it back");
    else if (text === "none") {
      findings.changed(entry, `logging.level: ${level}; errors are always logged`);
    } else if (LEVELS[text] !== undefined) findings.carried(entry, `logging.level: ${level}`);
    else findings.dropped(entry, "every packet is logged with logging.levels.message: debug");
  }
}

function convertDestinations({ model, draft, findings, files }: Conversion): void {
  const { logDestinations } = model;
  const none = logDestinations.findLastIndex(({ value }) => value.words[0] === "none");
  const streams = new Set<string>();
  const logging = draft.section("logging");
  for (const [index, entry] of logDestinations.entries()) {
    const [kind = ""] = entry.value.words;
    const add = (stream: string) => {
      if (!streams.has(stream)) logging.append("destinations", stream, placeText(entry.place));
      streams.add(stream);
    };
    if (index < none) findings.dropped(entry, "a later 'log_dest none' takes it back");
    else if (kind === "none") {
      logging.put("level", "error", placeText(entry.place));
      findings.changed(entry, "logging.level: error; errors always go to stderr");
    } else if (kind === "stderr" || kind === "stdout") {
      add(kind);
      findings.carried(entry, `logging.destinations: ${kind}`);
    } else if (kind === "syslog") {
      add("stderr");
      findings.changed(entry, "logging.destinations: stderr, which systemd gives to its journal");
    } else if (kind === "file" && /^file\s+\S/.test(entry.value.text)) {
      const path = files.locate(entry.value.text.replace(/^file\s+/, ""));
      if (/\/mosquitto\//.test(path)) {
        add("stderr");
        const text =
          "logging.destinations: stderr, as the folder is Mosquitto's own; for a file: " +
          "'- file: /var/log/broker/broker.log'";
        findings.changed(entry, text);
      } else {
        logging.appendSection("destinations").put("file", path, placeText(entry.place));
        findings.carried(entry, `logging.destinations: ${path}`);
      }
    } else if (["topic", "dlt", "android"].includes(kind)) {
      findings.dropped(entry, `nothing is logged to '${kind}' here`);
    } else {
      const reason = kind === "file" ? "its path is missing" : `"${kind}" is no destination`;
      const message = `Cannot read '${entry.name}': ${reason}`;
      files.fail(entry.file.path, entry.file.source, { message, range: entry.range });
    }
  }
}
