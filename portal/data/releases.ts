/** What shipped, from which commit, and which verified tasks went into it. */
import { z } from "zod";
import { type InstanceTotals, readInstance } from "./instance.ts";
import { Instant, readSnapshot } from "./snapshot.ts";

const ReleaseRow = z.object({
  repository: z.string(),
  repository_url: z.string().nullable(),
  project: z.string().nullable(),
  version: z.string(),
  name: z.string().nullable(),
  status: z.string(),
  commit_sha: z.string().nullable(),
  notes: z.string().nullable(),
  released_at: Instant.nullable(),
});
export type Release = z.infer<typeof ReleaseRow>;

const ShippedRow = z.object({
  number: z.int(),
  title: z.string(),
  done_at: Instant.nullable(),
  receipt: z.int().nullable(),
});
export type ShippedTask = z.infer<typeof ShippedRow>;

export interface ReleasesFacts {
  readonly instance: InstanceTotals;
  readonly releases: readonly Release[];
}

export interface ReleaseFacts {
  readonly instance: InstanceTotals;
  readonly release: Release;
  readonly tasks: readonly ShippedTask[];
}

export function readReleases(): Promise<ReleasesFacts> {
  return readSnapshot(async (snapshot) => ({
    instance: await readInstance(snapshot),
    releases: await snapshot.list("release.list", ReleaseRow),
  }));
}

/** Null when there is no such release. */
export function readRelease(repository: string, version: string): Promise<ReleaseFacts | null> {
  return readSnapshot(async (snapshot) => {
    const releases = await snapshot.list("release.list", ReleaseRow);
    const release = releases.find((row) => row.repository === repository && row.version === version);
    if (release === undefined) return null;
    return {
      instance: await readInstance(snapshot),
      release,
      tasks: await snapshot.list("release.list-tasks", ShippedRow, [repository, version]),
    };
  });
}
