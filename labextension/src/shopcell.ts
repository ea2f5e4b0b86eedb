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

import { isOrder } from './order';

/** Give the kind of the next piece of an order, in the words of CodeMirror's highlighting. */
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

/** What makes an editor one for orders: it goes before the notebook's own language. */
const order: Extension = [
  Prec.highest(new LanguageSupport(language)),
  EditorView.editorAttributes.of({ class: 'jp-Classgame-order' })
];

/**
 * Make an editor show a `%%shop` cell as an order, for as long as it is one.
 *
 * @param source - What is in the editor at first.
 */
export function shopCells(source: string): Extension {
  const compartment = new Compartment();
  return [
    compartment.of(isOrder(source) ? order : []),
    EditorState.transactionExtender.of(transaction => {
      if (!transaction.docChanged) {
        return null;
      }
      const content = isOrder(beginning(transaction.newDoc)) ? order : [];
      const former = compartment.get(transaction.startState);
      return (former === order) === (content === order)
        ? null
        : { effects: compartment.reconfigure(content) };
    })
  ];
}

/** As much of a document as says what it is. */
function beginning(document: Text): string {
  return document.sliceString(0, 200);
}
