import path from 'node:path';
import {
  API,
  type Checker,
  type Program,
  SignatureKind,
  SymbolFlags,
  type Type,
  type Symbol as TypeSymbol,
} from 'typescript/unstable/sync';

const ROOT = path.join(import.meta.dirname, '../..');
/** Holds the files that the library needs, so that the compiler reads no other. */
const PROJECT = path.join(import.meta.dirname, 'tsconfig.library.json');

/** What a module exports, as an editor shows it. */
export interface Exports {
  /** Values by their name, types as `type Goal`. */
  readonly names: readonly string[];
  /** Exported names, and options and members of exported types, without a comment of documentation: `SourceOptions.read`. */
  readonly undocumented: readonly string[];
  /** Options that may be left out, whose comment does not say what holds then. */
  readonly withoutDefault: readonly string[];
}

/** How a comment says what holds without an option. */
const SAYS_DEFAULT = /\b(unless|without|default|absent)\b|^Not beside /i;

/** Reads the exports of a file, and of each the types that a user writes or reads. */
export function exportsOf(file: string): Exports {
  const api = new API({ cwd: ROOT });
  try {
    const [project] = api.updateSnapshot({ openProjects: [PROJECT] }).getProjects();
    if (project === undefined) throw new Error(`Expected the compiler to open ${PROJECT}.`);
    const exported = symbolsOf(path.join(ROOT, file), project);
    const walk = new DocumentationWalk(project.checker);
    for (const symbol of exported) walk.visitExport(symbol);
    return {
      names: exported.map((symbol) => walk.nameOf(symbol)).sort(),
      undocumented: walk.undocumented(),
      withoutDefault: walk.withoutDefault(),
    };
  } finally {
    api.close();
  }
}

function symbolsOf(file: string, { program, checker }: { program: Program; checker: Checker }): readonly TypeSymbol[] {
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`Expected ${file} to be a module of ${PROJECT}.`);
  return checker.getExportsOfModule(module);
}

class DocumentationWalk {
  readonly #checker: Checker;
  readonly #seen = new Set<number>();
  readonly #undocumented = new Set<string>();
  readonly #withoutDefault = new Set<string>();

  constructor(checker: Checker) {
    this.#checker = checker;
  }

  undocumented(): readonly string[] {
    return [...this.#undocumented].sort();
  }

  withoutDefault(): readonly string[] {
    return [...this.#withoutDefault].sort();
  }

  nameOf(symbol: TypeSymbol): string {
    return (this.#targetOf(symbol).flags & SymbolFlags.Value) === 0 ? `type ${symbol.name}` : symbol.name;
  }

  #targetOf(symbol: TypeSymbol): TypeSymbol {
    return (symbol.flags & SymbolFlags.Alias) === 0 ? symbol : this.#checker.getAliasedSymbol(symbol);
  }

  visitExport(symbol: TypeSymbol): void {
    const target = this.#targetOf(symbol);
    if (!isOwn(target)) return;
    this.#note(target, symbol.name);
    if ((target.flags & SymbolFlags.Value) !== 0) this.#visitParameters(target);
    if ((target.flags & SymbolFlags.Type) !== 0)
      this.#visit(this.#checker.getDeclaredTypeOfSymbol(target), symbol.name);
  }

  /** The options that a function takes. */
  #visitParameters(symbol: TypeSymbol): void {
    const type = this.#checker.getTypeOfSymbol(symbol);
    if (type === undefined) return;
    for (const signature of this.#checker.getSignaturesOfType(type, SignatureKind.Call)) {
      for (const parameter of signature.getParameters()) {
        this.#visit(this.#checker.getTypeOfSymbol(parameter), `${symbol.name}(${parameter.name})`);
      }
    }
  }

  #visit(type: Type | undefined, at: string): void {
    if (type === undefined || this.#seen.has(type.id)) return;
    this.#seen.add(type.id);
    if (type.isTypeParameter()) this.#visit(this.#checker.getConstraintOfTypeParameter(type), at);
    else if (type.isUnionType()) for (const each of type.getTypes() ?? []) this.#visit(each, at);
    else if (type.isObjectType() || type.isIntersectionType()) this.#visitMembers(type, at);
  }

  #visitMembers(type: Type, at: string): void {
    for (const member of this.#checker.getPropertiesOfType(type).filter(isOwn)) {
      this.#note(member, `${at}.${member.name}`);
      // A named type is visited where it is exported.
      const inner = this.#checker.getTypeOfSymbol(member);
      if (inner !== undefined && isWrittenInPlace(inner)) this.#visit(inner, `${at}.${member.name}`);
    }
  }

  #note(symbol: TypeSymbol, name: string): void {
    const text = this.#checker.getDocumentationCommentOfSymbol(symbol).trim();
    if (text === '') this.#undocumented.add(name);
    const mayBeLeftOut =
      (symbol.flags & SymbolFlags.Optional) !== 0 && /Options\.|\((options|settings|__\d+)\)\./.test(name);
    if (mayBeLeftOut && !SAYS_DEFAULT.test(text)) this.#withoutDefault.add(name);
  }
}

const isOwn = ({ declarations }: Pick<TypeSymbol, 'declarations'>): boolean =>
  declarations.some(({ path: file }) => file.includes('/src/') && !file.includes('/node_modules/'));

/** `{ readonly min: number }`, of which an editor shows nothing but the place itself. */
function isWrittenInPlace(type: Type): boolean {
  if (type.isUnionType()) return (type.getTypes() ?? []).some(isWrittenInPlace);
  return type.isObjectType() && type.getAliasSymbol() === undefined && /type$/.test(type.getSymbol()?.name ?? '');
}
