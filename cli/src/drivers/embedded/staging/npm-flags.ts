import type { StageTarget } from "./stage-recipe.ts";

/** By which npm installs what it would install on that machine, and starts nothing of it here. */
export function npmFlagsFor({ architecture }: Pick<StageTarget, "architecture">): readonly string[] {
  return ["--os=linux", `--cpu=${architecture}`, "--libc=glibc", "--ignore-scripts"];
}
