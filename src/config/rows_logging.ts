/**
 * The rows of `logging:`, what is logged, how, and where to.
 *
 * Owns keys, defaults, ranges and their documentation, and the names of the parts that log. What
 * the lines look like is up to `log/`.
 */

import { choice, count, list, section, size, text } from "./row.ts";

/** How much is logged, from the least to the most. */
export const LOG_LEVELS = ["error", "warning", "info", "debug"] as const;

/** What a part says when it follows `logging.level`. */
export const INHERIT = "inherit";

const PART_LEVELS = [...LOG_LEVELS, INHERIT] as const;

/** The log level of each part. The keys are the names of the parts. */
export const levels = section("The level of single parts", {
  server: choice(INHERIT, PART_LEVELS, "Start, listeners, stop"),
  client: choice(INHERIT, PART_LEVELS, "Clients that connect, disconnect or are refused"),
  session: choice(INHERIT, PART_LEVELS, "Sessions that end"),
  message: choice(
    INHERIT,
    PART_LEVELS,
    "Messages that are dropped or not retained; debug logs every packet in one line",
  ),
  protocol: choice(INHERIT, PART_LEVELS, "What clients do against the specification"),
  config: choice(INHERIT, PART_LEVELS, "The configuration"),
  access: choice(INHERIT, PART_LEVELS, "Who was refused what"),
  storage: choice(INHERIT, PART_LEVELS, "What is on disk"),
}, ["log_types"]);

const destination = section("A file that lines are written to", {
  file: text(undefined, "file path", "The file; its folder must exist", ["path", "filename"]),
  max_size: size("10 MiB", {
    from: "4 KiB",
    to: "1 GiB",
    about: "When the file has reached this size it is set aside and a new one begun",
  }),
  keep: count(5, {
    from: 0,
    to: 1000,
    unit: "files",
    about: "Files that were set aside, as NAME.1 (the newest) to NAME.5",
  }),
});

/** Levels, form and destinations of the log. */
export const logging = section("What the broker says about itself", {
  level: choice("info", LOG_LEVELS, "How much is logged", ["log_type", "log_level"]),
  levels,
  format: choice(
    "text",
    ["text", "json"],
    "text for people, json for programs: one object a line",
  ),
  timestamps: choice(
    "iso",
    ["iso", "iso_utc", "none"],
    "ISO 8601 in local time with its offset, in UTC, or none. Under systemd lines to the journal " +
      "carry their priority instead",
    ["log_timestamp", "log_timestamp_format"],
  ),
  destinations: list(
    ["stderr"],
    destination,
    "Where the lines go: stderr, stdout, files. A file that cannot be written never stops the " +
      "broker: that is reported, and tried again",
    ["stderr", "stdout"],
    ["log_dest", "destination"],
  ),
}, ["log"]);
