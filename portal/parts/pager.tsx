import { formatCount } from "../view/numbers.ts";

export interface PagerProps {
  readonly page: number;
  readonly pages: number;
  readonly href: (page: number) => string;
}

/** Earlier and later pages as links; nothing when all fits on one. */
export function Pager({ page, pages, href }: PagerProps) {
  if (pages < 2) return null;
  return (
    <nav className="pager" aria-label="Pages">
      {page > 1 && (
        <a className="btn" rel="prev" href={href(page - 1)}>
          Previous
        </a>
      )}
      <span className="soft">
        Page <span className="m">{formatCount(page)}</span> of <span className="m">{formatCount(pages)}</span>
      </span>
      {page < pages && (
        <a className="btn" rel="next" href={href(page + 1)}>
          Next
        </a>
      )}
    </nav>
  );
}
