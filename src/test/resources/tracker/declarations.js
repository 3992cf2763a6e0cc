/** What the compiler complains of in these files, and what the declarations among them name. */
(files) => {
  // In place of all that browsers have, which takes long to read.
  files['/page.d.ts'] = 'declare const window: typeof globalThis; declare const document: any;';
  const options = {
    strict: true,
    noImplicitAny: false,
    noEmit: true,
    allowJs: true,
    checkJs: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ES2022,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    moduleDetection: ts.ModuleDetectionKind.Force,
    lib: ['lib.es5.d.ts'],
    types: [],
    baseUrl: '/',
    paths: {'@onevault/tracker': ['index.d.ts']},
  };
  const host = {
    fileExists: (name) => name in files,
    readFile: (name) => files[name],
    getSourceFile: (name, version) => (name in files ? ts.createSourceFile(name, files[name], version, true) : undefined),
    getDefaultLibLocation: () => '/',
    getDefaultLibFileName: () => '/lib.es5.d.ts',
    getCurrentDirectory: () => '/',
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
    writeFile: () => {},
  };
  const own = Object.keys(files).filter((name) => !name.startsWith('/lib.'));
  const program = ts.createProgram(own, options, host);
  const complaints = own
    .map((name) => program.getSourceFile(name))
    .flatMap((source) => [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)])
    .map(({file, start, messageText}) => {
      const {line} = file.getLineAndCharacterOfPosition(start);
      return `${file.fileName}:${line + 1} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
  const names = {};
  for (const declared of program.getSourceFile('/index.d.ts').statements.filter(ts.isInterfaceDeclaration)) {
    names[declared.name.text] = declared.members.flatMap((member) =>
      ts.isCallSignatureDeclaration(member) ? member.parameters[0].type.literal.text : ts.isPropertySignature(member) ? member.name.text : [],
    );
    const capture = declared.members.find((member) => member.name?.text === 'capture');
    if (capture) names.capture = [...capture.getText().matchAll(/'(\w+)'/g)].map(([, name]) => name);
  }
  return {complaints, names};
}
