import type { FastifyBaseLogger } from "fastify";
import type { Library } from "./library.ts";
import { type FolderWatch, watchFolders } from "./watch-folders.ts";

/** A full look at the folders on top of the watch, which may lose events without a word. */
const LOOK_EVERY_MS = 60_000;
/** Without a watch the look is all there is. */
const LOOK_WITHOUT_WATCH_MS = 5_000;

export interface InStep {
  /** Settles with the first look, whether it succeeded or not. */
  readonly firstLook: Promise<void>;
  stop(): void;
}

/** Keeps the index in step with the folders and files until it is stopped: by a watch, by a look each minute, and each 5 s while there is no watch. */
export function keepInStep(library: Library, places: readonly string[], log: FastifyBaseLogger): InStep {
  let folderWatch: FolderWatch | null = null;
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;
  const sync = (): Promise<void> =>
    library.sync().then(
      (result) => {
        if (result.changed) log.info(result, "index brought up to date");
      },
      (error: unknown) => log.error({ err: error }, "index sync failed"),
    );
  const rewatch = (): void => {
    if (folderWatch?.alive === true) return;
    folderWatch?.close();
    folderWatch = watchFolders(
      places,
      () => {
        // The change may be that a folder was replaced: then this watch sees nothing any more.
        rewatch();
        void sync();
      },
      () => {
        log.warn("the watch on the folders is gone; looking every few seconds");
        schedule();
      },
    );
  };
  const schedule = (): void => {
    if (stopped) return;
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => void look(), folderWatch?.alive === true ? LOOK_EVERY_MS : LOOK_WITHOUT_WATCH_MS);
  };
  const look = (): Promise<void> => {
    rewatch();
    return sync().then(schedule);
  };
  library.setWatcher(() => folderWatch?.alive === true);
  return {
    firstLook: look(),
    stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      folderWatch?.close();
    },
  };
}
