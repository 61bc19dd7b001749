/**
 * The rows of `persistence:`, what survives the end of the process, and where it is kept.
 *
 * Owns keys, defaults, ranges and their documentation. Where a relative path leads is up to
 * `store_path.ts`.
 */

import { choice, duration, section, text } from "./row.ts";

/** Where sessions, their messages and retained messages are kept. */
export const persistence = section("What survives a restart, a crash and a power cut", {
  durability: choice(
    "full",
    ["full", "relaxed", "off"],
    "full: what is acknowledged is on the disk. relaxed: it is acknowledged at once and written " +
      "within commit_interval. off: everything is in memory only",
    ["persistence", "autosave_on_changes"],
  ),
  path: text(
    "broker.db",
    "file path",
    "The file. If its path is relative, it starts from $STATE_DIRECTORY where systemd sets that, " +
      "else from the working directory",
    ["persistence_file", "persistence_location", "file"],
  ),
  commit_interval: duration("0s", {
    from: "0s",
    to: "10m",
    about: "The least time from one write to the next; 0s: as soon as the disk is ready, or " +
      "every second with relaxed. Longer spares an SD card. With full, acknowledgements wait for " +
      "it; with relaxed, it is what a power cut may lose",
    alias: ["autosave_interval"],
  }),
}, ["store", "storage", "database"]);
