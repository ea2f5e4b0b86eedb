"""The shop's style sheet, in JupyterLab's colours, so that it follows the theme."""

from jupyter_classgame.widgets import palette

CSS = f"""
.jp-Cell:not(.jp-mod-outputsScrolled)
  :is(.jp-OutputArea, .jp-OutputArea-child, .jp-OutputArea-output):has(.cg-shop) {{
  overflow: visible; }}  /* so that the basket stays in sight */
.cg-shop {{ max-width: 1280px; color: {palette.TEXT_CSS}; font-family: {palette.FONT_CSS};
  overflow: visible; padding: 2px; width: 100%; container-type: inline-size; }}
.cg-shop .widget-html, .cg-shop .widget-html-content {{ height: auto; line-height: 1.4;
  min-height: 0; margin: 0; width: 100%; font-size: 13px; overflow: visible; }}
.cg-shop .widget-box {{ overflow: visible; margin: 0; }}
.cg-top {{ display: flex; gap: 2px 16px; align-items: center; margin-bottom: 4px;
  flex-wrap: wrap; }}
.cg-top .cg-left {{ font-size: 22px; font-weight: 600; font-variant-numeric: tabular-nums;
  white-space: nowrap; }}
.cg-top .cg-meter {{ flex: 1 1 220px; }}
.cg-quiet {{ color: {palette.MUTED_CSS}; }}
.cg-message {{ min-height: 20px; padding: 3px 10px; border-radius: 4px;
  background: {palette.SUNK_CSS}; border-left: 4px solid {palette.BORDER_CSS}; }}
.cg-message.cg-good {{ border-left-color: {palette.GOOD_CSS}; }}
.cg-message.cg-bad {{ border-left-color: {palette.BAD_CSS}; }}
.cg-shop .cg-search {{ align-items: center; gap: 8px; margin: 8px 0 0; min-height: 28px; }}
.cg-shop .cg-field {{ width: 320px; flex: 0 1 320px; margin: 0; }}
.cg-shop .cg-field .widget-label {{ width: auto; color: inherit; }}
.cg-shop .cg-field input {{ border: 1px solid {palette.BORDER_CSS}; border-radius: 4px;
  background: {palette.CARD_CSS}; color: {palette.TEXT_CSS}; padding: 0 10px; }}
.cg-shop .cg-field input::placeholder {{ color: {palette.MUTED_CSS}; opacity: 1; }}
.cg-shop .cg-field input:focus {{ outline: 2px solid {palette.BRAND_CSS}; outline-offset: 1px; }}
.cg-shop .cg-search .widget-html {{ flex: 1 1 auto; width: auto; }}
.cg-shop .cg-floor {{ display: grid; gap: 0 16px; grid-template-columns: minmax(0, 1fr); }}
.cg-shop .cg-side {{ gap: 8px; margin-top: 8px; }}
@container (min-width: 960px) {{
  .cg-shop .cg-floor {{ grid-template-columns: minmax(0, 1fr) 264px; }}
  .cg-shop .cg-side {{ grid-column: 2; grid-row: 1; position: sticky; top: 8px; align-self: start;
    margin-top: 34px; }}
}}
.cg-shop.cg-practice .cg-floor {{ grid-template-columns: minmax(0, 1fr); }}
.cg-shop .cg-basket {{ border: 1px solid {palette.BORDER_CSS}; border-radius: 8px;
  background: {palette.CARD_CSS}; padding: 9px 11px 8px; gap: 4px; }}
.cg-shop .cg-basket:not(.cg-nothing) {{ border-color: {palette.BRAND_CSS}; }}
.cg-basket .cg-heading {{ margin: 0; }}
.cg-basket.cg-nothing .cg-row, .cg-basket.cg-nothing .cg-lines {{ display: none; }}
.cg-basket .cg-hint {{ font-size: 12px; }}
.cg-basket .cg-line {{ align-items: center; gap: 6px; }}
.cg-basket .cg-line .widget-html {{ flex: 1 1 auto; width: auto; }}
.cg-sum {{ display: flex; gap: 12px; justify-content: space-between; align-items: baseline; }}
.cg-sum > :last-child {{ white-space: nowrap; font-variant-numeric: tabular-nums; }}
.cg-sums {{ border-top: 1px solid {palette.BORDER_CSS}; margin-top: 4px; padding: 5px 0 3px; }}
.cg-sum.cg-over {{ color: {palette.BAD_CSS}; }}
.cg-shop .cg-line button.cg-out {{ padding: 0; width: 22px; height: 22px; line-height: 20px;
  border: 0; color: {palette.MUTED_CSS}; font-size: 0; text-overflow: clip; }}
.cg-shop button.cg-out::before {{ content: "\\00d7" / ""; font-size: 16px; }}
.cg-shop .cg-receipt {{ gap: 6px; }}
.cg-receipt td:last-child {{ white-space: nowrap; padding-right: 0 !important; }}
.cg-receipt > .widget-html > .widget-html-content > div {{ display: block !important; }}
.cg-shop .cg-shelves {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(204px, 1fr));
  gap: 0 8px; grid-auto-flow: row dense; container-type: inline-size; width: 100%;
  align-self: start; }}
.cg-shop .cg-shelf {{ grid-column: 1 / -1; }}
@container (min-width: 628px) {{
  .cg-shop .cg-shelf.cg-1:not(:has(.cg-open)) {{ grid-column: span 1; }}
  .cg-shop .cg-shelf.cg-2:not(:has(.cg-open)) {{ grid-column: span 2; }}
  .cg-shop .cg-shelf.cg-3:not(:has(.cg-open)) {{ grid-column: span 3; }}
}}
.cg-heading {{ font-size: 13px; font-weight: 600; margin: 10px 0 4px; }}
.cg-shop .cg-grid {{ display: grid; gap: 8px;
  grid-template-columns: repeat(auto-fill, minmax(204px, 1fr));
  overflow: visible; grid-auto-flow: row dense; flex: 1 0 auto; }}
.cg-shop .cg-card {{ border: 1px solid {palette.BORDER_CSS}; border-radius: 8px;
  background: {palette.CARD_CSS}; padding: 9px 11px 8px; justify-content: space-between; }}
.cg-shop .cg-card.cg-owned {{ border-color: {palette.GOOD_CSS};
  box-shadow: inset 4px 0 0 {palette.GOOD_CSS}; }}
.cg-shop .cg-card.cg-chosen {{ border-color: {palette.BRAND_CSS};
  box-shadow: inset 4px 0 0 {palette.BRAND_CSS}; }}
.cg-shop .cg-card.cg-far {{ border-style: dashed; }}
.cg-card.cg-far .cg-name, .cg-card.cg-far .cg-price {{ color: {palette.MUTED_CSS}; }}
.cg-shop .cg-card.cg-open {{ grid-column: 1 / -1; }}
.cg-title {{ display: flex; gap: 8px; align-items: baseline; }}
.cg-name {{ font-weight: 600; flex: 1; }}
.cg-price {{ white-space: nowrap; font-weight: 600; font-variant-numeric: tabular-nums; }}
.cg-summary {{ color: {palette.MUTED_CSS}; font-size: 12px; margin: 2px 0 6px; display: -webkit-box;
  -webkit-line-clamp: 4; -webkit-box-orient: vertical; overflow: hidden; }}
.cg-open .cg-summary {{ display: block; }}
.cg-mark {{ font-size: 12px; color: {palette.MUTED_CSS}; }}
.cg-owned .cg-mark {{ color: {palette.GOOD_CSS}; font-weight: 600; }}
.cg-shop .cg-row {{ align-items: center; justify-content: flex-end; gap: 4px; flex-wrap: wrap; }}
.cg-shop .cg-row .widget-html {{ flex: 1 0 100%; }}
.cg-shop .cg-row .widget-html:has(.cg-mark:empty) {{ display: none; }}
.cg-shop button.cg-button {{ width: auto; height: 26px; line-height: 24px; padding: 0 10px;
  margin: 0; border-radius: 4px; font-size: 12px; flex: 0 0 auto; }}
.cg-shop button.cg-button:focus-visible {{ outline: 2px solid {palette.BRAND_CSS};
  outline-offset: 1px; }}
.cg-shop button.cg-plain {{ background: transparent; border: 1px solid {palette.BORDER_CSS};
  color: {palette.TEXT_CSS}; }}
.cg-card:not(.cg-owned) .cg-return, .cg-card.cg-used .cg-return, .cg-card.cg-full .cg-buy,
.cg-card.cg-full .cg-add, .cg-practice .cg-buy, .cg-practice .cg-add, .cg-practice .cg-return,
.cg-practice .cg-side, .cg-card:not(.cg-open) .cg-detail {{ display: none !important; }}
.cg-shop .cg-detail {{ display: grid; gap: 6px 24px;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 560px), 1fr));
  border-top: 1px solid {palette.BORDER_CSS}; margin-top: 9px; padding-top: 4px; }}
.cg-shop .cg-detail .cg-button {{ align-self: flex-start; }}
.cg-pictures {{ margin: 8px 0 2px; }}
.cg-pictures-row {{ display: flex; gap: 6px; align-items: center; margin-bottom: 6px; }}
.cg-pictures-row > span {{ width: 46px; font-size: 12px; }}
.cg-shop .cg-pictures-row img {{ width: min(80px, 20%); height: auto; border-radius: 4px;
  margin: 0; }}
.cg-text {{ max-width: 68ch; }}
.cg-text h1, .cg-text h2, .cg-text h3 {{ font-size: 13px; font-weight: 600; margin: 10px 0 2px;
  color: inherit; }}
.cg-text p, .cg-text ul, .cg-text ol {{ margin: 2px 0 6px; font-size: 13px; line-height: 1.5; }}
.cg-text code {{ font-family: {palette.CODE_FONT_CSS}; font-size: 12px;
  background: {palette.SUNK_CSS}; padding: 0 3px; border-radius: 3px; color: inherit; }}
.cg-code pre {{ font-family: {palette.CODE_FONT_CSS}; font-size: 12px; line-height: 1.45; margin: 0;
  padding: 8px 10px; border: 1px solid {palette.BORDER_CSS}; border-radius: 4px; overflow-x: auto;
  background: var(--jp-cell-editor-background, #f7f7f7); color: {palette.TEXT_CSS};
  white-space: pre-wrap; overflow-wrap: break-word; }}
.cg-code .c1 {{ color: var(--jp-mirror-editor-comment-color, #408080); font-style: italic; }}
.cg-code .k, .cg-code .kn, .cg-code .kc, .cg-code .ow {{
  color: var(--jp-mirror-editor-keyword-color, #008000); font-weight: 600; }}
.cg-code .s1, .cg-code .s2, .cg-code .sd {{ color: var(--jp-mirror-editor-string-color, #ba2121); }}
.cg-code .mi, .cg-code .mf {{ color: var(--jp-mirror-editor-number-color, #080); }}
"""
