import { LabIcon } from '@jupyterlab/ui-components';

/** The icon of the panel: a coin with a rising curve. */
export const gameIcon = new LabIcon({
  name: 'classgame:game',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="#616161">
    <path d="M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm0 2a8 8 0 1 1 0 16 8 8 0 0 1 0-16z"/>
    <path d="M6.6 14.9l4.1-4.8 2.6 2.1 3.4-4.5 1.6 1.2-4.7 6.2-2.7-2.2-2.8 3.3z"/>
  </g>
</svg>`
});
