CREATE TABLE doc (id INTEGER PRIMARY KEY, j JSON, b jsonb NOT NULL, t TEXT CHECK (t IS NULL OR json_valid( [t] )), plain TEXT);
INSERT INTO doc VALUES
 (1, '{"a":1,"b":[true,null,"x\ny"],"c":{}}', '[]', '[1.0,1,-0.0,1e5,123456789012345678901]', '{"a":1}'),
 (2, '{"a": 1}', '{"a":1,"a":2}', '{"$ref":1}', '[]'),
 (3, '{"é":"\u00e9"}', '{"é":"é","\/":1}', '"text"', NULL),
 (4, '{"a":"\u0000\u001f\b\"\\"}', '[{"$ref":1}]', '{"price":19.90}', 'x'),
 (5, '{"x":1e400}', 'not JSON', NULL, ''),
 (6, '5', '{"":{"":[[]]}}', 'null', 'x'),
 (7, '{"a":"\ud83d\ude00"}', '{"a":"😀"}', ' []', '{"a":1}'),
 (8, '{"n":1.50,"yes":"no","t":"12:30","f":"1.5","nl":"a\nb\n","null":"null"}', '{"<<":"~","k":"- a: b #c"}', '[1E5,1e+300,1.0e300,0.1]', '1');
