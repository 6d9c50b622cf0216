import { commitUrl } from "../view/commit-url.ts";
import { shortCommit } from "../view/numbers.ts";

export interface CommitProps {
  readonly commit: string;
  /** Address of its repository; null: not known. */
  readonly repository: string | null;
}

/** A commit, which leads to where it can be looked at when that is known. */
export function Commit({ commit, repository }: CommitProps) {
  const url = commitUrl(repository, commit);
  if (url === null) return shortCommit(commit);
  return (
    <a href={url} rel="noreferrer nofollow">
      {shortCommit(commit)}
    </a>
  );
}
