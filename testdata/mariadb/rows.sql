-- Rows for the tables of realdata/types-mariadb/tables.sql.
insert into zoo2.parent values (1),(2);
insert into plain (a,b,e,f,g,h,i,b2) values (1,'x','2024-01-01 00:00:00',9,77,'h','2024-01-01 01:02:03.5',3),(null,'y',null,null,null,null,null,null),(-5,null,'2037-01-01',1,0,'it''s','1000-01-01',1);
insert into xfk values (1,1),(2,null),(3,2);
insert into sysv values (1,1),(2,2); update sysv set v=3 where id=1; delete from sysv where id=2;
insert into sysv2 (id,v) values (1,1),(5,2); update sysv2 set v=3;
insert into appt values (1,'2024-01-01','2024-02-01'),(1,'2024-03-01','2024-04-01');
insert into useseq (v) values (1),(2); insert into useseq values (100,3);
insert into mi (v) values (1); insert into ar (v) values (1); insert into me (v) values (2);
insert into nopk values (1,'a'),(1,'a'),(null,null),(2,'A'),(2,'a ');
insert into ukonly values (3,1),(1,null); insert into uknull values (null),(null),(2);
insert into parted values (1,1),(1,100),(2,5); insert into grp (g) values (1),(1),(2);
insert into `od``d "n'ame. x` values (1,2),(3,null);
set foreign_key_checks=0; insert into selfp values (1,1,1),(2,null,7),(3,1,null);
insert into js values (1,'{"a": 1}'),(2,'{"a":1}'),(3,'[1,2,{"b":null}]'),(4,'"text"'),(5,'1.50'),(6,null),(7,' true '),(8,'{"$x":1}'),(9,'{"a":1,"a":2}');
