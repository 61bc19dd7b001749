/**
 * `restore` on the command line: its names and its help.
 */

import type { Command } from "commander";
import { addCommand, type CommandContext } from "../command_context.ts";
import { addStoreOptions, storeFlags, WHERE_THE_DATA_IS } from "./store_options.ts";
import type { StoreFlags } from "./store_place.ts";

const HELP = `${WHERE_THE_DATA_IS}

The broker must not be running: ends with 3 when it is. FILE is checked from beginning to end before
anything is changed, and what was there before is kept under a name with the time.

Example:
  sudo systemctl stop broker
  sudo broker restore /mnt/usb/broker-backup.db --db /var/lib/broker/broker.db
  sudo systemctl start broker`;

export function addRestore(context: CommandContext): void {
  const program: Command = context.program;
  const command = addCommand(
    context,
    "restore [file]",
    "put a backup in the place of the data of a stopped broker",
    HELP,
  ).usage("[options] <file>");
  addStoreOptions(command).action(async (file: string | undefined, flags: StoreFlags) => {
    if (!file) {
      program.error(
        "error: 'restore' needs the backup, as in 'broker restore /mnt/usb/broker-backup.db'",
      );
    }
    const store = storeFlags(context, flags);
    const { restore } = await import("./restore.ts");
    context.done(await restore({ file, store }, context.terminal));
  });
}
