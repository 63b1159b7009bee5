import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** The doc comments of interfaces, classes and zod schemas, and of their members. */
export class DocComments {
  readonly #comments = new Map<string, string>();
  /** What each extends, implements or spreads. */
  readonly #parents = new Map<string, string[]>();

  constructor(files: readonly string[]) {
    for (const file of files) {
      const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ESNext, true);
      for (const statement of source.statements) this.#read(statement);
    }
  }

  of(type: string): string | undefined {
    return this.#comments.get(type);
  }

  /** The comment of a member, or of the member that it implements, which is the one for the public. */
  ofMember(type: string, member: string): string | undefined {
    const parents = this.#parents.get(type) ?? [];
    const inherited = parents.map((parent) => this.ofMember(parent, member));
    return inherited.find((text) => text !== undefined) ?? this.#comments.get(`${type}.${member}`);
  }

  #read(statement: ts.Statement): void {
    if (ts.isInterfaceDeclaration(statement) || ts.isClassDeclaration(statement)) {
      const types = statement.heritageClauses?.flatMap((clause) => [...clause.types]) ?? [];
      const parents = types.map(({ expression }) => expression.getText());
      this.#keep(statement.name?.text ?? '', statement, statement.members, parents);
    } else if (ts.isVariableStatement(statement)) {
      for (const { name, initializer } of statement.declarationList.declarations) {
        const members = initializer === undefined ? [] : membersOf(initializer);
        const parents = members.filter(ts.isSpreadAssignment).map(({ expression }) => expression.getText());
        this.#keep(
          name.getText(),
          statement,
          members,
          parents.map((shape) => shape.replace('.shape', '')),
        );
      }
    }
  }

  #keep(type: string, node: ts.Node, members: readonly ts.Declaration[], parents: string[]): void {
    this.#parents.set(type, parents);
    this.#comments.set(type, commentOf(node));
    for (const member of members) {
      const name = ts.getNameOfDeclaration(member)?.getText();
      const comment = commentOf(member);
      if (name !== undefined && comment !== '') this.#comments.set(`${type}.${name}`, comment);
    }
  }
}

/** The members of the first object literal: those of `z.object({ … })`. */
function membersOf(node: ts.Node): readonly ts.ObjectLiteralElementLike[] {
  if (ts.isObjectLiteralExpression(node)) return node.properties;
  return ts.forEachChild(node, (child) => (membersOf(child).length > 0 ? membersOf(child) : undefined)) ?? [];
}

function commentOf(node: ts.Node): string {
  const [comment] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return (ts.getTextOfJSDocComment(comment?.comment) ?? '').replace(/\s+/g, ' ');
}
