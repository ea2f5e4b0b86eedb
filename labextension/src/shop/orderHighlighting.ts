import {
  LanguageSupport,
  StreamLanguage,
  type StringStream
} from '@codemirror/language';
import {
  Compartment,
  EditorState,
  Prec,
  type Extension,
  type Text
} from '@codemirror/state';
import { EditorView } from '@codemirror/view';

import { isOrder } from './orderCells';

/** Read the next token of an order and return its CodeMirror highlighting tag. */
export function orderToken(stream: StringStream): string | null {
  const start = stream.sol();
  if (stream.eatSpace()) {
    return null;
  }
  if (start && stream.match(/^%%shop.*/)) {
    return 'meta';
  }
  if (stream.match(/^#.*/)) {
    return 'comment';
  }
  const first = !stream.string.slice(0, stream.start).trim();
  if (first && stream.match(/^(buy|return)(?![\w-])/i)) {
    return 'keyword';
  }
  if (stream.match(/^[x×*]\s*\d+(?!\w)/i)) {
    return 'number';
  }
  if (stream.match(/^,/)) {
    return 'punctuation';
  }
  stream.match(/^[^\s,#]+/);
  return 'string';
}

const language = StreamLanguage.define<null>({
  name: 'classgame-order',
  token: orderToken,
  languageData: { commentTokens: { line: '#' } }
});

/** Highlights orders, with priority over the notebook's own language. */
const orderMode: Extension = [
  Prec.highest(new LanguageSupport(language)),
  EditorView.editorAttributes.of({ class: 'jp-Classgame-order' })
];

/**
 * Highlight a cell as an order for as long as it starts with `%%shop`.
 *
 * @param source - The initial content of the editor.
 */
export function orderHighlighting(source: string): Extension {
  const compartment = new Compartment();
  return [
    compartment.of(isOrder(source) ? orderMode : []),
    EditorState.transactionExtender.of(transaction => {
      if (!transaction.docChanged) {
        return null;
      }
      const mode = isOrder(beginning(transaction.newDoc)) ? orderMode : [];
      const previous = compartment.get(transaction.startState);
      return (previous === orderMode) === (mode === orderMode)
        ? null
        : { effects: compartment.reconfigure(mode) };
    })
  ];
}

/** The beginning of a document, which is enough to tell an order by. */
function beginning(document: Text): string {
  return document.sliceString(0, 200);
}
