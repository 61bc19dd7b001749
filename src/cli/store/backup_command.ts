/**
 * `backup` on the command line: its names and its help.
 */

import type { Command } from "commander";
import { addCommand, type CommandContext } from "../command_context.ts";
import { addStoreOptions, storeFlags, WHERE_THE_DATA_IS } from "./store_options.ts";
import type { StoreFlags } from "./store_place.ts";

const HELP = `${WHERE_THE_DATA_IS}

The broker may be running: the copy is of one moment. It holds payloads in clear, and only you may
read it. 'broker restore' puts it back, 'broker inspect' shows what is in it.

Example:
  broker backup /mnt/usb/broker-backup.db --config broker.yaml`;

export function addBackup(context: CommandContext): void {
  const program: Command = context.program;
  const command = addCommand(
    context,
    "backup [file]",
    "copy the data of a running or stopped broker to a file",
    HELP,
  ).usage("[options] <file>").option("-f, --force", "replace the file if it exists");
  addStoreOptions(command).action(
    async (file: string | undefined, flags: StoreFlags & { readonly force?: boolean }) => {
      if (!file) {
        program.error(
          "error: 'backup' needs a file to write, as in 'broker backup /mnt/usb/broker-backup.db'",
        );
      }
      const store = storeFlags(context, flags);
      const { backup } = await import("./backup.ts");
      context.done(await backup({ file, store, force: flags.force ?? false }, context.terminal));
    },
  );
}
