import { formatCount } from "../view/numbers.ts";

export interface PagerProps {
  readonly page: number;
  readonly pages: number;
  readonly href: (page: number) => string;
}

/** Earlier and later pages as links; nothing when all fits on one. They have names, so that who went on stands on the same word on the next page. */
export function Pager({ page, pages, href }: PagerProps) {
  if (pages < 2) return null;
  return (
    <nav className="pager" aria-label="Pages">
      {page > 1 && (
        <a className="btn" id="page-before" rel="prev" href={href(page - 1)}>
          Previous
        </a>
      )}
      <span className="soft">
        Page <span className="m">{formatCount(page)}</span> of <span className="m">{formatCount(pages)}</span>
      </span>
      {page < pages && (
        <a className="btn" id="page-after" rel="next" href={href(page + 1)}>
          Next
        </a>
      )}
    </nav>
  );
}
